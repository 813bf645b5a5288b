/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/record.h"
#include "idp/web/token_grant.h"
#include "oidc/pkce.h"
#include "oidc/scope.h"
#include "queries_web.h"

static struct token_granted granted_of(
	const struct q_web_token_redeem_row *row, const char *refresh_token)
{
	return (struct token_granted){
		.source = {.ticket = row->ticket,
			.grant_claims = row->grant_claims,
			.citizen_claims = row->citizen_claims,
			.citizen_updated_at_s = row->citizen_updated_at_s},
		.scope = row->scope,
		.nonce = row->nonce,
		.refresh_token = row->offline ? refresh_token : NULL,
	};
}

static struct q_web_token_redeem_in input_of(
	struct context *ctx, const struct token_exchange *exchange, const char *refresh_token)
{
	const struct token_request *request = &exchange->request;
	const struct registered *registered = exchange->check.registered;
	const struct record_asker who = record_asker(ctx);
	struct q_web_token_redeem_in in = {
		.code_hash = {crypto_sha256_text(ctx->arena, request->presented), SHA256_LEN},
		.client_id = registered->client->client_id,
		.client_version = registered->version,
		.redirect_uri = request->redirect_uri,
		.scopes = token_decide_scopes(ctx->arena, registered->client, &request->scope),
		.session_idle_s = (double)ctx->settings->session_idle_s,
		.session_absolute_s = (double)ctx->settings->session_absolute_s,
		.refresh_ms = ctx->now_ms,
		.refresh_ttl_s = ctx->settings->refresh_token_ttl_s,
		.jti = exchange->jti,
		.address = who.address,
		.device = who.device,
		.user_agent = who.user_agent,
		.correlation_id = who.correlation_id,
	};
	if (request->code_verifier)
		in.code_challenge = pkce_challenge(ctx->arena, request->code_verifier);
	if (refresh_token)
		in.refresh_hash =
			(struct bytes){crypto_sha256_text(ctx->arena, refresh_token), SHA256_LEN};
	return in;
}

static struct result spend(struct context *ctx, const struct token_exchange *exchange,
	struct token_granted *out, bool *spent)
{
	const struct client *client = exchange->check.registered->client;
	const struct q_web_token_redeem_row *row = NULL;
	const char *refresh_token = NULL;
	struct handle_span span;
	*spent = false;
	if (!handle_span(exchange->request.presented, &span))
		return OK;
	/* As the scope of the answer: what was withdrawn since the sign-in is not given. */
	if (str_list_has(&client->scopes, SCOPE_OFFLINE))
		refresh_token = handle_new(&ctx->rng, ctx->arena, ctx->now_ms);
	struct q_web_token_redeem_in in = input_of(ctx, exchange, refresh_token);
	in.from_ms = span.from_ms;
	in.until_ms = span.until_ms;
	TRY(q_web_token_redeem(ctx->db, ctx->arena, &in, &row));
	if (!row)
		return OK;
	*out = granted_of(row, refresh_token);
	*spent = true;
	return OK;
}

static struct result find(
	struct context *ctx, const struct token_exchange *exchange, struct token_found *out)
{
	const struct token_facts_of of = {
		.client_id = exchange->check.registered->client->client_id,
		.code = exchange->request.presented,
	};
	return token_facts_find(ctx, &of, out);
}

const struct token_grant token_authorization_code = {.spend = spend, .find = find};
