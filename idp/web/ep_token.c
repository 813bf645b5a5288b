/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/page/answer.h"
#include "idp/web/client_check.h"
#include "idp/web/record.h"
#include "idp/web/token_issue.h"
#include "idp/web/token_revoke.h"

/* One exchange while it is worked on. */
struct exchange {
	struct token_request request;
	struct client_auth_presented presented;
	const struct client *client;
	struct token_load load;
	struct token_decision decision;
};

static const char *kind(const struct exchange *exchange)
{
	return exchange->request.grant == TOKEN_GRANT_CODE ? "token" : "refresh";
}

static struct result load(struct context *ctx, struct exchange *exchange, struct rows **rows)
{
	const struct token_request *request = &exchange->request;
	const char *client_id = exchange->presented.client_id;
	bool code = request->grant == TOKEN_GRANT_CODE;
	TRY(code ? token_load_code(ctx, client_id, request->code, rows)
		 : token_load_refresh(ctx, client_id, request->refresh_token, rows));
	token_load_read(*rows, code ? request->code : request->refresh_token, &exchange->load);
	return OK;
}

static void decide(struct context *ctx, struct exchange *exchange)
{
	struct token_question question = {
		exchange->client, &exchange->request, &exchange->load.facts, ctx->now_s};
	exchange->decision = token_decide(ctx->arena, &question);
}

/* A wrong client learns, and the record says of the citizen, nothing: the code was not its. */
static struct result refuse(struct context *ctx, const struct exchange *exchange)
{
	const struct token_load *load = &exchange->load;
	bool ours = load->facts.found && str_eq(load->facts.client_id, exchange->client->client_id);
	AUTO_JSON json_t *detail = json_object();
	if (load->facts.found)
		json_put(detail, "grant_id", load->grant_id);
	struct record_event event = {
		.kind = kind(exchange),
		.outcome = "refused",
		.reason = exchange->decision.reason,
		.client_id = exchange->client->client_id,
		.citizen_id = ours ? load->citizen_id : NULL,
		.detail = detail,
	};
	TRY(record_write(ctx, &event));
	answer_error(ctx, &exchange->decision.error);
	return OK;
}

static struct result refuse_and_revoke(struct context *ctx, const struct exchange *exchange)
{
	struct token_revoke revoke = {.load = &exchange->load,
		.client_id = exchange->client->client_id,
		.kind = kind(exchange),
		.outcome = "refused",
		.reason = exchange->decision.reason};
	TRY(token_revoke(ctx, &revoke));
	answer_error(ctx, &exchange->decision.error);
	return OK;
}

static struct result act(
	struct context *ctx, struct exchange *exchange, enum token_issue_outcome *outcome)
{
	struct token_issue issue = {
		exchange->client, &exchange->request, &exchange->load, &exchange->decision};
	*outcome = TOKEN_ISSUE_DONE;
	switch (exchange->decision.action) {
	case TOKEN_REFUSE:
		return refuse(ctx, exchange);
	case TOKEN_REFUSE_AND_REVOKE:
		return refuse_and_revoke(ctx, exchange);
	case TOKEN_ISSUE:
		break;
	}
	TRY(token_issue(ctx, &issue, outcome));
	if (*outcome != TOKEN_ISSUE_REFUSED)
		return OK;
	exchange->decision.error = error_make(ctx->arena, ERROR_INVALID_GRANT,
		"expected an authorization that still stands; this one has ended");
	exchange->decision.reason = "ticket_refused";
	return refuse(ctx, exchange);
}

/* Somebody was faster: the facts are others now, and the decision on them is final. */
static struct result act_again(struct context *ctx, struct exchange *exchange)
{
	AUTO_ROWS struct rows *rows = NULL;
	enum token_issue_outcome outcome;
	TRY(load(ctx, exchange, &rows));
	decide(ctx, exchange);
	TRY(act(ctx, exchange, &outcome));
	return outcome == TOKEN_ISSUE_LATE ? FAILED(ERR_DB) : OK;
}

static struct result exchange_tokens(struct context *ctx, struct exchange *exchange)
{
	AUTO_ROWS struct rows *rows = NULL;
	AUTO_CLIENT const struct client *client = NULL;
	enum token_issue_outcome outcome;
	TRY(load(ctx, exchange, &rows));
	TRY(client_check_decide(ctx, &exchange->presented, rows, &client));
	if (!client)
		return OK;
	exchange->client = client;
	decide(ctx, exchange);
	TRY(act(ctx, exchange, &outcome));
	return outcome == TOKEN_ISSUE_LATE ? act_again(ctx, exchange) : OK;
}

/* RFC 6749 s3.2, OpenID Connect Core s3.1.3 and s12 */
struct result ep_token(struct context *ctx)
{
	struct exchange exchange = {0};
	bool good;
	if (!client_check_form(ctx))
		return OK;
	struct error error = token_request_read(ctx->arena, ctx->request->form, &exchange.request);
	if (error.code != ERROR_NONE) {
		answer_error(ctx, &error);
		return OK;
	}
	TRY(client_check_read(ctx, &exchange.presented, &good));
	return good ? exchange_tokens(ctx, &exchange) : OK;
}
