/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/tally.h"
#include "idp/page/answer.h"
#include "idp/web/client_check.h"
#include "idp/web/token_given.h"
#include "oidc/introspection.h"

static void count(struct context *ctx, const struct client *client, const char *reason)
{
	const struct tally_key key = {"introspect", "refused", reason, client->client_id};
	tally_add(web_of(ctx)->tally, &key, 1);
}

/* RFC 7662 s2.1: a client_id alone is no authorization, it would let anybody scan for tokens. */
static void refuse_public(struct context *ctx, const struct client *client)
{
	const struct error error = error_make(ctx->arena, ERROR_INVALID_CLIENT,
		"Introspection is for clients that authenticate; this one is public.");
	count(ctx, client, "public_client");
	client_check_refuse(ctx, &error);
}

static void act(struct context *ctx, const struct client *client, const struct token_given *given)
{
	const struct token_facts *facts = &given->found.facts;
	const struct introspection in = {
		.issuer = ctx->settings->issuer,
		.client_id = client->client_id,
		.facts = facts,
		.sub = given->found.sub,
		.access = given->is_access ? &given->access : NULL,
		.now_s = ctx->now_s,
	};
	if (facts->found && !str_eq(facts->client_id, client->client_id))
		count(ctx, client, "other_client");
	AUTO_JSON json_t *answer = introspection_answer(&in);
	answer_json(ctx, 200, answer);
}

struct result ep_introspect(struct context *ctx)
{
	struct client_check check;
	struct token_given given;
	bool missing;
	TRY(client_check(ctx, &check));
	if (!check.registered)
		return OK;
	const struct client *client = check.registered->client;
	if (!client_confidential(client)) {
		refuse_public(ctx, client);
		return OK;
	}
	TRY(token_given_load(ctx, client, &given, &missing));
	if (!missing)
		act(ctx, client, &given);
	return OK;
}
