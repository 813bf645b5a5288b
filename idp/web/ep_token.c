/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/tally.h"
#include "idp/page/answer.h"
#include "idp/web/token_refuse.h"
#include "idp/web/token_sign.h"

#define ROUNDS 2 /* the client's registration may have changed once meanwhile */

/* How an exchange goes on after one look at it. */
enum step {
	STEP_GRANTED,
	STEP_REFUSED, /* by the decision */
	STEP_STALE, /* the client's registration is another by now */
};

struct tries {
	enum step step;
	struct token_granted granted;
	struct token_found found;
	struct token_decision decision;
};

static void count(struct context *ctx, const struct token_exchange *exchange, const char *outcome,
	const char *reason)
{
	const struct tally_key key = {exchange->request.type->kind, outcome, reason,
		exchange->check.registered->client->client_id};
	tally_add(web_of(ctx)->tally, &key, 1);
}

/* RFC 6749 s5.1, OpenID Connect Core s3.1.3.3 */
static void answer_tokens(
	struct context *ctx, const struct token_granted *granted, const struct token_signed *made)
{
	AUTO_JSON json_t *body = json_object();
	json_put(body, "access_token", made->access_token);
	json_put(body, "token_type", "Bearer");
	json_put_int(body, "expires_in", made->expires_in_s);
	json_put(body, "scope", granted->scope);
	json_put(body, "id_token", made->id_token);
	json_put(body, "refresh_token", granted->refresh_token);
	answer_json(ctx, 200, body);
}

/* What was presented is spent. If the vault fails now, it costs this exchange: 503, and the next
 * sign-in is silent, or the former refresh token is accepted again. */
static struct result sign_and_answer(struct context *ctx, const struct token_exchange *exchange,
	const struct token_granted *granted)
{
	struct token_signed made;
	bool refused = false;
	TRY(token_sign(ctx, exchange, granted, &made, &refused));
	if (!refused) {
		answer_tokens(ctx, granted, &made);
		return OK;
	}
	count(ctx, exchange, "failed", "ticket_refused");
	const struct error error = error_make(
		ctx->arena, ERROR_INVALID_GRANT, "The authorization is no longer valid.");
	answer_error(ctx, &error);
	return OK;
}

static struct result refuse(
	struct context *ctx, const struct token_exchange *exchange, const struct tries *tries)
{
	const struct token_refuse in = {
		.kind = exchange->request.type->kind,
		.reason = tries->decision.reason,
		.client_id = exchange->check.registered->client->client_id,
		.found = &tries->found,
	};
	if (tries->decision.action == TOKEN_REFUSE_AND_REVOKE)
		TRY(token_refuse_and_end(ctx, &in));
	else
		TRY(token_refuse(ctx, &in));
	answer_error(ctx, &tries->decision.error);
	return OK;
}

/* Within a transaction: find out why nothing was spent; if there is no reason any more, spend. */
static struct result explain(
	struct context *ctx, const struct token_exchange *exchange, struct tries *tries)
{
	const struct token_grant *grant = token_grant_of(exchange->request.type->id);
	const struct registered *registered = exchange->check.registered;
	const struct token_question question = {
		registered->client, &exchange->request, &tries->found.facts};
	bool spent = false;
	TRY(grant->find(ctx, exchange, &tries->found));
	tries->step = STEP_STALE;
	if (tries->found.looked_up && tries->found.client_version != registered->version)
		return OK;
	tries->step = STEP_REFUSED;
	tries->decision = token_decide(ctx->arena, &question);
	if (tries->decision.action != TOKEN_AGAIN)
		return OK;
	TRY(grant->spend(ctx, exchange, &tries->granted, &spent));
	if (spent)
		tries->step = STEP_GRANTED;
	else
		tries->decision = token_decide_changed(ctx->arena);
	return OK;
}

/* The one statement; and only where it matched nothing, the transaction that finds out why. */
static struct result spend(
	struct context *ctx, const struct token_exchange *exchange, struct tries *tries)
{
	bool spent = false;
	*tries = (struct tries){.step = STEP_GRANTED};
	TRY(token_grant_of(exchange->request.type->id)
			->spend(ctx, exchange, &tries->granted, &spent));
	if (spent)
		return OK;
	TRY(db_begin(ctx->db));
	const struct result explained = explain(ctx, exchange, tries);
	if (explained.err == ERR_NONE)
		return db_commit(ctx->db);
	db_rollback(ctx->db);
	return explained;
}

/* Refuse what the request and the registration alone tell. False: refused and answered. */
static bool judge(struct context *ctx, const struct token_exchange *exchange)
{
	const struct token_question question = {
		exchange->check.registered->client, &exchange->request, NULL};
	const struct token_decision decision = token_decide_early(ctx->arena, &question);
	if (decision.action == TOKEN_AGAIN)
		return true;
	count(ctx, exchange, "refused", decision.reason);
	answer_error(ctx, &decision.error);
	return false;
}

static struct result exchange_tokens(struct context *ctx, struct token_exchange *exchange)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct tries tries;
		TRY(client_check_prove(ctx, &exchange->check));
		if (!exchange->check.registered || !judge(ctx, exchange))
			return OK;
		TRY(spend(ctx, exchange, &tries));
		if (tries.step == STEP_GRANTED)
			return sign_and_answer(ctx, exchange, &tries.granted);
		if (tries.step == STEP_REFUSED)
			return refuse(ctx, exchange, &tries);
		clients_forget(web_of(ctx)->clients, exchange->check.presented.client_id);
	}
	FAIL(ERR_DB);
}

/* RFC 6749 s3.2, OpenID Connect Core s3.1.3 and s12 */
struct result ep_token(struct context *ctx)
{
	struct token_exchange exchange = {.jti = handle_uuid(&ctx->rng, ctx->arena, ctx->now_ms)};
	if (!client_check_form(ctx))
		return OK;
	const struct error error =
		token_request_read(ctx->arena, ctx->request->form, &exchange.request);
	if (error.code != ERROR_NONE) {
		answer_error(ctx, &error);
		return OK;
	}
	if (!client_check_read(ctx, &exchange.check))
		return OK;
	return exchange_tokens(ctx, &exchange);
}
