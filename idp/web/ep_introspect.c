/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/page/answer.h"
#include "idp/web/client_check.h"
#include "idp/web/record.h"
#include "idp/web/token_given.h"
#include "oidc/introspection.h"

/* RFC 7662 s2.1: a client_id alone is no authorization, it would let anybody scan for tokens. */
static struct result refuse_public(struct context *ctx, const struct client *client)
{
	struct error error = error_make(ctx->arena, ERROR_INVALID_CLIENT,
		"expected a client that authenticates, came a public one");
	struct record_event event = {.kind = "introspect",
		.outcome = "refused",
		.reason = "public_client",
		.client_id = client->client_id};
	TRY(record_write(ctx, &event));
	answer_challenge(ctx, &error);
	return OK;
}

static struct result record_other(
	struct context *ctx, const struct client *client, const struct token_load *load)
{
	AUTO_JSON json_t *detail = json_object();
	json_put(detail, "grant_id", load->grant_id);
	struct record_event event = {.kind = "introspect",
		.outcome = "refused",
		.reason = "other_client",
		.client_id = client->client_id,
		.detail = detail};
	return record_write(ctx, &event);
}

static struct result act(
	struct context *ctx, const struct client *client, const struct token_given *given)
{
	const struct token_facts *facts = &given->load.facts;
	struct introspection in = {
		.issuer = ctx->settings->issuer,
		.client_id = client->client_id,
		.facts = facts,
		.sub = given->load.sub,
		.access = given->is_access ? &given->access : NULL,
		.now_s = ctx->now_s,
	};
	if (facts->found && !str_eq(facts->client_id, client->client_id))
		TRY(record_other(ctx, client, &given->load));
	AUTO_JSON json_t *answer = introspection_answer(&in);
	answer_json(ctx, 200, answer);
	return OK;
}

struct result ep_introspect(struct context *ctx)
{
	AUTO_CLIENT const struct client *client = NULL;
	struct token_given given = {0};
	bool missing;
	TRY(client_check(ctx, &client));
	if (!client)
		return OK;
	if (!client_confidential(client))
		return refuse_public(ctx, client);
	struct result result = token_given_load(ctx, client, &given, &missing);
	AUTO_ROWS struct rows *rows = given.rows;
	(void)rows;
	TRY(result);
	return missing ? OK : act(ctx, client, &given);
}
