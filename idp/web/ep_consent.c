/* SPDX-License-Identifier: Apache-2.0 */
/* POST /signin/consent: the citizen lets the agency have what the page named. */
#include "idp/web/signin.h"

struct result ep_consent_post(struct context *ctx)
{
	AUTO_FLOW struct flow *flow = NULL;
	enum flow_step step = FLOW_STEP_PASSWORD;

	TRY(signin_take(ctx, &flow));
	if (!flow)
		return OK;
	TRY(flow_step(ctx, flow, &step));
	if (step == FLOW_STEP_CONSENT &&
		str_eq(params_value(ctx->request->form, "choice"), "allow"))
		flow_consented(flow);
	return flow_next(ctx, flow);
}
