/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/record.h"
#include "idp/web/token_grant.h"
#include "queries_web.h"

/* What both ways to refresh need. */
struct refresh {
	struct bytes token_hash;
	struct handle_span span;
	struct str_list scopes;
	struct record_asker who;
};

/* The members that the structs of both statements have. */
#define REFRESH(refresh, exchange) \
	.token_hash = (refresh)->token_hash, .from_ms = (refresh)->span.from_ms, \
	.until_ms = (refresh)->span.until_ms, \
	.client_id = (exchange)->check.registered->client->client_id, \
	.client_version = (exchange)->check.registered->version, .scopes = (refresh)->scopes, \
	.wanted = (exchange)->request.scope, .wanted_null = (exchange)->request.scope.n == 0, \
	.jti = (exchange)->jti, RECORD_ASKER((refresh)->who)

static struct refresh refresh_of(
	struct context *ctx, const struct token_exchange *exchange, struct handle_span span)
{
	const struct token_request *request = &exchange->request;
	return (struct refresh){
		.token_hash = {crypto_sha256_text(ctx->arena, request->presented), SHA256_LEN},
		.span = span,
		.scopes = token_decide_scopes(
			ctx->arena, exchange->check.registered->client, &request->scope),
		.who = record_asker(ctx),
	};
}

/* The columns that the rows of both have, for struct token_granted. */
#define GIVEN(row) \
	.source = {(row)->ticket, (row)->grant_claims, (row)->citizen_claims, \
		(row)->citizen_updated_at_s}, \
	.scope = (row)->scope

/* RFC 6749 s6 allows the client that authenticates to keep its token. */
static struct result renew(struct context *ctx, const struct token_exchange *exchange,
	const struct refresh *refresh, struct token_granted *out, bool *spent)
{
	const struct q_web_token_renew_row *row = NULL;
	const struct q_web_token_renew_in in = {
		REFRESH(refresh, exchange),
	};
	TRY(q_web_token_renew(ctx->db, ctx->arena, &in, &row));
	*spent = row != NULL;
	if (row)
		*out = (struct token_granted){GIVEN(row)};
	return OK;
}

/* RFC 9700 s4.14.2: the token of a public client is used once. */
static struct result rotate(struct context *ctx, const struct token_exchange *exchange,
	const struct refresh *refresh, struct token_granted *out, bool *spent)
{
	const char *fresh = handle_new(&ctx->rng, ctx->arena, ctx->now_ms);
	const struct q_web_token_rotate_row *row = NULL;
	const struct q_web_token_rotate_in in = {
		REFRESH(refresh, exchange),
		.refresh_hash = {crypto_sha256_text(ctx->arena, fresh), SHA256_LEN},
		.refresh_ms = ctx->now_ms,
		.refresh_ttl_s = ctx->settings->refresh_token_ttl_s,
	};
	TRY(q_web_token_rotate(ctx->db, ctx->arena, &in, &row));
	*spent = row != NULL;
	if (row)
		*out = (struct token_granted){GIVEN(row), .refresh_token = fresh};
	return OK;
}

static struct result spend(struct context *ctx, const struct token_exchange *exchange,
	struct token_granted *out, bool *spent)
{
	struct handle_span span;
	*spent = false;
	if (!handle_span(exchange->request.presented, &span))
		return OK;
	const struct refresh refresh = refresh_of(ctx, exchange, span);
	return client_confidential(exchange->check.registered->client)
		       ? renew(ctx, exchange, &refresh, out, spent)
		       : rotate(ctx, exchange, &refresh, out, spent);
}

/* The token is held first: what parallel tries made of it is then all there to be seen. */
static struct result find(
	struct context *ctx, const struct token_exchange *exchange, struct token_found *out)
{
	const char *token = exchange->request.presented;
	const struct token_facts_of of = {
		.client_id = exchange->check.registered->client->client_id,
		.refresh_token = token,
	};
	struct handle_span span;
	if (handle_span(token, &span)) {
		const struct q_web_token_lock_in in = {
			.token_hash = {crypto_sha256_text(ctx->arena, token), SHA256_LEN},
			.from_ms = span.from_ms,
			.until_ms = span.until_ms,
		};
		struct q_web_token_lock_row held;
		TRY(q_web_token_lock(ctx->db, ctx->arena, &in, &held));
	}
	return token_facts_find(ctx, &of, out);
}

const struct token_grant token_refresh_token = {.spend = spend, .find = find};
