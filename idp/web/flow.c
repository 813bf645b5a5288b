/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/flow.h"
#include "idp/web/record.h"
#include "idp/web/steps.h"
#include "idp/web/ways.h"

#define TRIES 2 /* of a decision, of which the second is by the client as it is now */

static void go_to(struct context *ctx, const char *text)
{
	http_redirect(
		ctx->response, 303, text ? arena_printf(ctx->arena, "/signin?t=%s", text) : "/");
	http_add(ctx->response, "Cache-Control", "no-store");
}

/* request: owned by the flow. */
static struct result begin(struct context *ctx, json_t *request, bool *fits)
{
	AUTO_JSON json_t *owned = request;
	struct transaction transaction = transaction_new(ctx, owned);
	const char *text = NULL;
	const struct result sealed =
		transaction_seal(ctx, &transaction, TRANSACTION_BEGIN_MAX, &text);
	transaction_close(&transaction);
	*fits = sealed.err != ERR_BOUNDS;
	if (!*fits)
		return OK;
	TRY(sealed);
	go_to(ctx, text);
	return OK;
}

struct result flow_begin(struct context *ctx, const struct authz_request *request, bool *fits)
{
	return begin(ctx, request ? authz_request_to_json(request) : json_object(), fits);
}

struct result flow_begin_again(struct context *ctx, const struct flow *flow)
{
	bool fits = false;
	TRY(begin(ctx, json_incref(flow->transaction.request), &fits));
	if (!fits)
		FAIL(ERR_BOUNDS);
	return OK;
}

/* NULL at "/". */
static const struct client *client_of(const struct flow *flow)
{
	return flow->registered ? flow->registered->client : NULL;
}

/* Also before an error is sent to it: a redirect_uri may have been withdrawn because somebody else
 * has it now. */
static struct result read_request(struct context *ctx, struct flow *flow)
{
	const json_t *json = flow->transaction.request;
	if (json_object_size(json) == 0)
		return OK; /* at "/" */
	TRY(authz_request_from_json(ctx->arena, json, &flow->request));
	TRY(clients_find(ctx, flow->request.client_id, &flow->registered));
	if (!flow->registered ||
		!client_has_redirect_uri(flow->registered->client, flow->request.redirect_uri))
		flow->state = TRANSACTION_UNKNOWN;
	return OK;
}

struct result flow_open(struct context *ctx, const char *text, struct flow **out)
{
	AUTO_FLOW struct flow *flow = ARENA_NEW(ctx->arena, struct flow);
	*out = NULL;
	TRY(transaction_open(ctx, text, &flow->transaction, &flow->state));
	if (flow->state != TRANSACTION_UNKNOWN)
		TRY(read_request(ctx, flow));
	if (flow->state == TRANSACTION_LIVE) {
		TRY(session_load(ctx, flow->request.client_id, &flow->session));
		ways_check(flow);
	}
	*out = flow;
	flow = NULL;
	return OK;
}

void flow_auto(struct flow **flow)
{
	if (*flow)
		transaction_close(&(*flow)->transaction);
	*flow = NULL;
}

struct grant flow_grant(const struct flow *flow)
{
	return (struct grant){.id = flow->transaction.id,
		.request = &flow->request,
		.registered = flow->registered,
		.session = flow->session,
		.stage = flow->transaction.stage};
}

struct result flow_judge(struct context *ctx, struct flow *flow)
{
	bool changed = true;
	if (!flow->registered)
		return OK;
	for (int i = 0; i < TRIES && changed && flow->state == TRANSACTION_LIVE; i++) {
		const struct grant grant = flow_grant(flow);
		TRY(grant_judge(ctx, &grant, &changed, &flow->decision));
		if (changed)
			TRY(read_request(ctx, flow));
	}
	if (changed)
		FAIL(ERR_DB);
	return OK;
}

struct result flow_seal(struct context *ctx, const struct flow *flow, const char **text)
{
	return transaction_seal(ctx, &flow->transaction, TRANSACTION_MAX, text);
}

struct result flow_show(struct context *ctx, const struct flow *flow)
{
	const char *text = NULL;
	TRY(flow_seal(ctx, flow, &text));
	go_to(ctx, text);
	return OK;
}

/* The vault does not know this session (its keys are others now): it is of no more use. */
static struct result drop_session(struct context *ctx, struct flow *flow)
{
	TRY(session_end_own(ctx, flow->session, "ticket_refused"));
	session_forget_cookie(ctx);
	flow->session = NULL;
	return flow_show(ctx, flow);
}

static struct result issue(struct context *ctx, struct flow *flow)
{
	const struct grant grant = flow_grant(flow);
	enum grant_outcome outcome = GRANT_CHANGED;
	TRY(grant_issue(ctx, &grant, &flow->decision, &outcome));
	switch (outcome) {
	case GRANT_ISSUED:
		return OK;
	case GRANT_SPENT:
		return flow_begin_again(ctx, flow);
	case GRANT_REFUSED:
		return drop_session(ctx, flow);
	case GRANT_CHANGED:
		break;
	}
	return flow_show(ctx, flow);
}

static struct result tell_error(struct context *ctx, const struct flow *flow)
{
	const struct error *error = &flow->decision.error;
	const struct record_event event = {.kind = "authorize",
		.outcome = "refused",
		.reason = error_name(error->code),
		.client_id = flow->request.client_id,
		.session = flow->session};
	TRY(record_write_or_count(ctx, &event));
	grant_answer_error(ctx, client_of(flow), &flow->request, error);
	return OK;
}

struct result flow_end(struct context *ctx, struct flow *flow)
{
	if (!flow->registered) {
		go_to(ctx, NULL);
		return OK;
	}
	if (flow->decision.outcome == AUTHZ_ERROR)
		return tell_error(ctx, flow);
	return issue(ctx, flow);
}

struct result flow_next(struct context *ctx, struct flow *flow)
{
	TRY(flow_judge(ctx, flow));
	return steps_due(flow) ? flow_show(ctx, flow) : flow_end(ctx, flow);
}

/* Someone who knows the password is distinguished from someone who only opened a page; neither
 * leaves a row, for a form can be sent again and again (I9). */
struct result flow_cancel(struct context *ctx, const struct flow *flow)
{
	const bool proven = json_str(flow->transaction.stage, "partial") != NULL;
	const struct record_event event = {.kind = "sign_in",
		.outcome = "abandoned",
		.reason = proven ? "cancel_after_password" : "cancel",
		.client_id = flow->request.client_id,
		.session = flow->session};
	const struct error error = error_make(
		ctx->arena, ERROR_ACCESS_DENIED, "The citizen chose not to continue the sign-in.");
	TRY(record_write_or_count(ctx, &event));
	if (flow->registered)
		grant_answer_error(ctx, client_of(flow), &flow->request, &error);
	else
		go_to(ctx, NULL);
	return OK;
}
