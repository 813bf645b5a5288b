/* SPDX-License-Identifier: Apache-2.0 */
/* POST /signin/account: go on as who is signed in, or as somebody else (prompt=select_account). */
#include "idp/web/signin.h"

struct result ep_account_post(struct context *ctx)
{
	AUTO_FLOW struct flow *flow = NULL;
	const char *choice = params_value(ctx->request->form, "choice");
	enum flow_step step = FLOW_STEP_PASSWORD;

	TRY(signin_take(ctx, &flow));
	if (!flow)
		return OK;
	TRY(flow_step(ctx, flow, &step));
	if (step == FLOW_STEP_ACCOUNT && (str_eq(choice, "same") || str_eq(choice, "other"))) {
		flow_account_chosen(flow, str_eq(choice, "same"));
		if (str_eq(choice, "other"))
			json_object_del(flow->stage, "login");
	}
	return flow_next(ctx, flow);
}
