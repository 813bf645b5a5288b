/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/client_check.h"
#include "idp/base/tally.h"
#include "idp/page/answer.h"
#include "oidc/discovery.h"
#include "oidc/token_request.h"
#include "queries_web.h"

/* client_id: of a registered client, or NULL. What an unknown client sends may be anything, a
 * password too: it is not stored. */
static void count(struct context *ctx, const char *client_id, const char *reason)
{
	const struct tally_key key = {"client_auth", "refused", reason, client_id};
	tally_add(web_of(ctx)->tally, &key, 1);
}

bool client_check_form(struct context *ctx)
{
	const struct http_request *request = ctx->request;
	const struct token_request_form in = {request->has_form,
		http_header(request, "Content-Type"), request->form_verdict, request->form};
	const struct error error = token_request_check_form(ctx->arena, &in);
	if (error.code == ERROR_NONE)
		return true;
	count(ctx, NULL, "malformed");
	answer_error(ctx, &error);
	return false;
}

void client_check_refuse(struct context *ctx, const struct error *error)
{
	if (error->code == ERROR_INVALID_CLIENT && http_header(ctx->request, "Authorization"))
		answer_challenge(ctx, error);
	else
		answer_error(ctx, error);
}

bool client_check_read(struct context *ctx, struct client_check *check)
{
	const struct client_auth_input in = {
		http_header(ctx->request, "Authorization"), ctx->request->form};
	const struct error error = client_auth_read(ctx->arena, &in, &check->presented);
	if (error.code == ERROR_NONE)
		return true;
	count(ctx, NULL, "unreadable");
	client_check_refuse(ctx, &error);
	return false;
}

/* Once, whoever else presents it at the same moment. */
static struct result spend_jti(
	struct context *ctx, struct client_check *check, struct client_auth_decision *decision)
{
	int64_t inserted = 0;
	if (!decision->jti || check->jti_spent)
		return OK;
	const struct q_web_client_assertion_spend_in in = {
		.client_id = check->presented.client_id,
		.jti_hash = {crypto_sha256_text(ctx->arena, decision->jti), SHA256_LEN},
		.until_s = decision->jti_until_s,
	};
	TRY(q_web_client_assertion_spend(ctx->db, ctx->arena, &in, &inserted));
	check->jti_spent = inserted == 1;
	if (!check->jti_spent)
		*decision = client_auth_replayed(ctx->arena);
	return OK;
}

static struct client_auth_decision decide(struct context *ctx,
	const struct client_auth_presented *presented, const struct registered *registered)
{
	const char *issuer = ctx->settings->issuer;
	const char *const audiences[] = {arena_printf(ctx->arena, "%s" DISCOVERY_TOKEN, issuer),
		arena_printf(ctx->arena, "%s%s", issuer, ctx->request->path), NULL};
	const bool former = registered && ctx->now_s < registered->former_until_s;
	const struct client_auth_facts facts = {
		.client = registered ? registered->client : NULL,
		.secret_hash = registered ? registered->secret_hash : (struct bytes){NULL, 0},
		.former_hash = former ? registered->former_hash : (struct bytes){NULL, 0},
		.issuer = issuer,
		.audiences = audiences,
		.now_s = ctx->now_s,
	};
	return client_auth_decide(ctx->arena, presented, &facts);
}

struct result client_check_prove(struct context *ctx, struct client_check *check)
{
	const struct registered *registered = NULL;
	check->registered = NULL;
	TRY(clients_find(ctx, check->presented.client_id, &registered));
	struct client_auth_decision decision = decide(ctx, &check->presented, registered);
	TRY(spend_jti(ctx, check, &decision));
	if (decision.error.code == ERROR_NONE) {
		check->registered = registered;
		return OK;
	}
	count(ctx, registered ? check->presented.client_id : NULL, decision.reason);
	client_check_refuse(ctx, &decision.error);
	return OK;
}

struct result client_check(struct context *ctx, struct client_check *check)
{
	*check = (struct client_check){0};
	if (!client_check_form(ctx) || !client_check_read(ctx, check))
		return OK;
	return client_check_prove(ctx, check);
}
