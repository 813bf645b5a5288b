/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/token_given.h"
#include "idp/page/answer.h"
#include "idp/web/keys.h"
#include <string.h>

static struct result load_access(struct context *ctx, const struct client *client,
	const char *token, struct token_given *out)
{
	AUTO_JSON json_t *claims = NULL;
	enum jose_verdict verdict;
	TRY(web_keys_verify(ctx, token, ACCESS_TOKEN_TYP, &verdict, &claims));
	out->is_access =
		verdict == JOSE_GOOD && access_token_read(ctx->arena, claims, ctx->settings->issuer,
						ctx->now_s, &out->access);
	if (!out->is_access)
		return OK;
	TRY(token_load_grant(ctx, client->client_id, &out->access, &out->rows));
	token_load_read(out->rows, NULL, &out->load);
	return OK;
}

static struct result load_refresh(struct context *ctx, const struct client *client,
	const char *token, struct token_given *out)
{
	if (strlen(token) > TOKEN_REQUEST_VALUE_MAX)
		return OK;
	TRY(token_load_refresh(ctx, client->client_id, token, &out->rows));
	token_load_read(out->rows, token, &out->load);
	return OK;
}

struct result token_given_load(
	struct context *ctx, const struct client *client, struct token_given *out, bool *missing)
{
	const char *token = params_value(ctx->request->form, "token");
	*out = (struct token_given){0};
	*missing = token == NULL;
	if (!token) {
		struct error error = error_make(ctx->arena, ERROR_INVALID_REQUEST,
			"expected the parameter token, came nothing");
		answer_error(ctx, &error);
		return OK;
	}
	return strchr(token, '.') ? load_access(ctx, client, token, out)
				  : load_refresh(ctx, client, token, out);
}
