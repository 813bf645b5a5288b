/* SPDX-License-Identifier: Apache-2.0 */
/* After a sign-in: how many wrong codes of others were stopped since the last one. */
#include "idp/web/steps.h"

static bool due(const struct flow *flow)
{
	return flow->session && json_int(flow->transaction.stage, "stopped", 0) > 0;
}

static struct result page(struct context *ctx, struct flow *flow, const struct signin_fault *fault)
{
	json_t *data = json_object();
	json_put_int(data, "count", json_int(flow->transaction.stage, "stopped", 0));
	return signin_page(ctx, flow, "notice", fault, data);
}

static struct result take(struct context *ctx, struct flow *flow)
{
	json_object_del(flow->transaction.stage, "stopped");
	return flow_next(ctx, flow);
}

const struct step step_notice = {.name = "notice", .due = due, .page = page, .take = take};
