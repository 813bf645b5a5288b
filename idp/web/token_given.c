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
	const struct token_facts_of of = {
		.client_id = client->client_id, .grant_id = out->access.grant_id};
	return token_facts_find(ctx, &of, &out->found);
}

static struct result load_refresh(struct context *ctx, const struct client *client,
	const char *token, struct token_given *out)
{
	const struct token_facts_of of = {.client_id = client->client_id, .refresh_token = token};
	return token_facts_find(ctx, &of, &out->found);
}

struct result token_given_load(
	struct context *ctx, const struct client *client, struct token_given *out, bool *missing)
{
	const char *token = params_value(ctx->request->form, "token");
	*out = (struct token_given){.is_access = false};
	*missing = !token;
	if (!token) {
		const struct error error = error_make(ctx->arena, ERROR_INVALID_REQUEST,
			"token is missing. Received nothing; expected an access or refresh token.");
		answer_error(ctx, &error);
		return OK;
	}
	return strchr(token, '.') ? load_access(ctx, client, token, out)
				  : load_refresh(ctx, client, token, out);
}
