/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/page/answer.h"
#include "idp/web/client_check.h"
#include "idp/web/record.h"
#include "idp/web/token_given.h"
#include "idp/web/token_revoke.h"

/* RFC 7009 s2.1: it must have been issued to the client that asks, and the client is told if not.
 */
static struct result refuse_other(
	struct context *ctx, const struct client *client, const struct token_load *load)
{
	struct error error = error_make(ctx->arena, ERROR_INVALID_GRANT,
		"expected a token that was given to this client, came one that was not");
	AUTO_JSON json_t *detail = json_object();
	json_put(detail, "grant_id", load->grant_id);
	struct record_event event = {
		.kind = "revoke",
		.outcome = "refused",
		.reason = "other_client",
		.client_id = client->client_id,
		.detail = detail,
	};
	TRY(record_write(ctx, &event));
	answer_error(ctx, &error);
	return OK;
}

static struct result act(
	struct context *ctx, const struct client *client, const struct token_given *given)
{
	const struct token_load *load = &given->load;
	if (load->facts.found && !str_eq(load->facts.client_id, client->client_id))
		return refuse_other(ctx, client, load);
	/* One authorization is one grant: an access token takes its refresh token with it, and the
	 * other way round. */
	if (load->facts.found) {
		struct token_revoke revoke = {.load = load,
			.client_id = client->client_id,
			.kind = "revoke",
			.outcome = "ok",
			.reason = given->is_access ? "access_token" : "refresh_token"};
		TRY(token_revoke(ctx, &revoke));
	}
	/* RFC 7009 s2.2: a token that is unknown, or dead already, is no error. */
	answer_text(ctx, 200, "{}");
	return OK;
}

struct result ep_revoke(struct context *ctx)
{
	AUTO_CLIENT const struct client *client = NULL;
	struct token_given given = {0};
	bool missing;
	TRY(client_check(ctx, &client));
	if (!client)
		return OK;
	struct result result = token_given_load(ctx, client, &given, &missing);
	AUTO_ROWS struct rows *rows = given.rows;
	(void)rows;
	TRY(result);
	return missing ? OK : act(ctx, client, &given);
}
