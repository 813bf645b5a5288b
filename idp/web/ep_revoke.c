/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/page/answer.h"
#include "idp/web/client_check.h"
#include "idp/web/record.h"
#include "idp/web/token_given.h"
#include "idp/web/token_refuse.h"
#include "queries_web.h"

/* RFC 7009 s2.1: it must have been issued to the client that asks, and the client gets an error if
 * not.
 */
static struct result refuse_other(
	struct context *ctx, const struct client *client, const struct token_found *found)
{
	const struct token_refuse in = {
		.kind = "revoke",
		.reason = "other_client",
		.client_id = client->client_id,
		.found = found,
	};
	const struct error error = error_make(
		ctx->arena, ERROR_INVALID_GRANT, "The token was not issued to this client.");
	TRY(token_refuse(ctx, &in));
	answer_error(ctx, &error);
	return OK;
}

/* One authorization is one grant: an access token ends its refresh token with it, and the other way
 * round. */
static struct result end(
	struct context *ctx, const struct client *client, const struct token_given *given)
{
	const struct record_asker who = record_asker(ctx);
	struct q_web_grant_revoke_row ended;
	const struct q_web_grant_revoke_in in = {
		.grant_id = given->found.grant_id,
		.client_id = client->client_id,
		.cause = given->is_access ? "access_token" : "refresh_token",
		.address = who.address,
		.device = who.device,
		.user_agent = who.user_agent,
		.correlation_id = who.correlation_id,
	};
	return q_web_grant_revoke(ctx->db, ctx->arena, &in, &ended);
}

static struct result act(
	struct context *ctx, const struct client *client, const struct token_given *given)
{
	const struct token_facts *facts = &given->found.facts;
	if (facts->found && !str_eq(facts->client_id, client->client_id))
		return refuse_other(ctx, client, &given->found);
	if (facts->found)
		TRY(end(ctx, client, given));
	/* RFC 7009 s2.2: a token that is unknown, or dead already, is no error. */
	answer_text(ctx, 200, "{}");
	return OK;
}

struct result ep_revoke(struct context *ctx)
{
	struct client_check check;
	struct token_given given;
	bool missing;
	TRY(client_check(ctx, &check));
	if (!check.registered)
		return OK;
	TRY(token_given_load(ctx, check.registered->client, &given, &missing));
	return missing ? OK : act(ctx, check.registered->client, &given);
}
