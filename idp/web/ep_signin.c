/* SPDX-License-Identifier: Apache-2.0 */
/* GET /signin: the page of whichever step a transaction is at; with cancel=1 its end. POST of any
 * step's form. */
#include "idp/web/steps.h"

/* The page that was asked for: of the step that is due, once more the first one, or the choice of
 * another way. */
static struct result show(struct context *ctx, struct flow *flow, const struct step *due)
{
	const char *wanted = params_value(ctx->request->query, "step");
	const struct signin_fault *fault = steps_fault(json_str(flow->transaction.stage, "fault"));
	if (str_eq(wanted, step_password.name) && steps_wants_sign_in(flow))
		return signin_show(ctx, flow, &step_password, NULL);
	if (str_eq(wanted, step_choose.name) && due == &step_factor)
		return signin_show(ctx, flow, &step_choose, NULL);
	return signin_show(ctx, flow, due, fault);
}

/* Cancel is a link and no form, so that no form-action stops the redirects behind it. Another site
 * cannot make a browser follow it: t opens with that browser's own device cookie alone. */
struct result ep_signin_get(struct context *ctx)
{
	const struct params *query = ctx->request->query;
	AUTO_FLOW struct flow *flow = NULL;
	TRY(flow_open(ctx, params_value(query, "t"), &flow));
	if (flow->state == TRANSACTION_EXPIRED && params_value(query, "again"))
		return flow_begin_again(ctx, flow);
	if (flow->state != TRANSACTION_LIVE)
		return signin_show_expired(ctx, flow);
	if (params_value(query, "cancel"))
		return flow_cancel(ctx, flow);
	/* The answer to a form, which form-action may keep from leaving: see step_account.c. */
	if (params_value(query, "switched"))
		json_put_flag(flow->transaction.stage, "typed", true);
	TRY(flow_judge(ctx, flow));
	const struct step *due = steps_due(flow);
	return due ? show(ctx, flow, due) : flow_end(ctx, flow);
}

/* The transaction that the form carries, if it is well formed and the transaction is live;
 * otherwise the page that offers how to go on was written, and *out is NULL. */
static struct result open_form(struct context *ctx, struct flow **out)
{
	const struct http_request *request = ctx->request;
	AUTO_FLOW struct flow *flow = NULL;
	*out = NULL;
	if (!request->has_form || request->form_verdict != PARAMS_OK) {
		page_error(
			ctx, 400, "error.form", params_verdict_text(request->form_verdict), NULL);
		return OK;
	}
	TRY(flow_open(ctx, params_value(request->form, "t"), &flow));
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
	TRY(open_form(ctx, &flow));
	if (!flow)
		return OK;
	TRY(flow_judge(ctx, flow));
	const bool due = steps_due(flow) == step;
	json_object_del(flow->transaction.stage, "typed");
	if (!step->any_time && !due)
		return flow_next(ctx, flow);
	return step->take(ctx, flow);
}
