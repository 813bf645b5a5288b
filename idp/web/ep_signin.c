/* SPDX-License-Identifier: Apache-2.0 */
/* GET /signin: the page of whichever step a transaction is at. POST of any step's form. POST of the
 * page's own address: its Cancel and its language, which need only what the address carries. */
#include "idp/web/steps.h"

/* The page that was asked for: of the step that is due, or once more the first one. */
static struct result show(struct context *ctx, struct flow *flow, const struct step *due)
{
	const char *wanted = params_value(ctx->request->query, "step");
	const struct signin_fault *fault = steps_fault(json_str(flow->transaction.stage, "fault"));
	if (str_eq(wanted, step_password.name) && steps_wants_sign_in(flow))
		return signin_show(ctx, flow, &step_password, NULL);
	return signin_show(ctx, flow, due, fault);
}

struct result ep_signin_get(struct context *ctx)
{
	const struct params *query = ctx->request->query;
	AUTO_FLOW struct flow *flow = NULL;
	TRY(flow_open(ctx, params_value(query, "t"), &flow));
	if (flow->state == TRANSACTION_EXPIRED && params_value(query, "again"))
		return flow_begin_again(ctx, flow);
	if (flow->state != TRANSACTION_LIVE)
		return signin_show_expired(ctx, flow);
	TRY(flow_judge(ctx, flow));
	const struct step *due = steps_due(flow);
	return due ? show(ctx, flow, due) : flow_end(ctx, flow);
}

/* The transaction that from carries, if the form is well formed and the transaction is live;
 * otherwise the page that offers how to go on was written, and *out is NULL. */
static struct result open_form(struct context *ctx, const struct params *from, struct flow **out)
{
	const struct http_request *request = ctx->request;
	AUTO_FLOW struct flow *flow = NULL;
	*out = NULL;
	if (!request->has_form || request->form_verdict != PARAMS_OK) {
		page_error(
			ctx, 400, "error.form", params_verdict_text(request->form_verdict), NULL);
		return OK;
	}
	TRY(flow_open(ctx, params_value(from, "t"), &flow));
	if (flow->state != TRANSACTION_LIVE)
		return signin_show_expired(ctx, flow);
	json_object_del(flow->transaction.stage, "fault");
	json_object_del(flow->transaction.stage, "wait_until");
	*out = flow;
	flow = NULL;
	return OK;
}

struct result ep_signin_post(struct context *ctx)
{
	const struct step *step = steps_at(ctx->request->path);
	AUTO_FLOW struct flow *flow = NULL;
	TRY(open_form(ctx, ctx->request->form, &flow));
	if (!flow)
		return OK;
	TRY(flow_judge(ctx, flow));
	if (!step->any_time && steps_due(flow) != step)
		return flow_next(ctx, flow);
	return step->take(ctx, flow);
}

struct result ep_page_post(struct context *ctx)
{
	AUTO_FLOW struct flow *flow = NULL;
	if (!params_get(ctx->request->form, "cancel"))
		return ep_language_here(ctx);
	TRY(open_form(ctx, ctx->request->query, &flow));
	return flow ? flow_cancel(ctx, flow) : OK;
}
