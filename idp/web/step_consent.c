/* SPDX-License-Identifier: Apache-2.0 */
/* The citizen lets the agency have what the page named, and nothing else. */
#include "idp/web/steps.h"

static bool due(const struct flow *flow)
{
	return flow->registered && flow->decision.outcome == AUTHZ_STEP &&
	       flow->decision.step == AUTHZ_STEP_CONSENT;
}

static struct result page(struct context *ctx, struct flow *flow, const struct signin_fault *fault)
{
	(void)fault;
	return signin_question(ctx, flow, "consent", json_object());
}

/* It counts for the citizen to whom it was shown: another tab may sign in somebody else meanwhile.
 */
static struct result take(struct context *ctx, struct flow *flow)
{
	json_t *stage = flow->transaction.stage;
	if (str_eq(params_value(ctx->request->form, "choice"), "allow") &&
		grant_stage_done(stage, "shown_to", flow->session))
		json_put(stage, "consented", flow->session->session_id);
	return flow_next(ctx, flow);
}

const struct step step_consent = {.name = "consent", .due = due, .page = page, .take = take};
