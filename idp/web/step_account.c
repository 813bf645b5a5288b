/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Go on as who is signed in, or as somebody else: where the agency wants the citizen to choose
 * (prompt=select_account, OIDC Core s3.1.2.1), and where they sent a password although another tab
 * had signed them in, or switched the language of its page then. The latter also keeps the answer
 * to a form of that page with us: it has form-action 'self'.
 */
#include "idp/web/steps.h"

static bool signed_in_elsewhere(const struct flow *flow)
{
	const json_t *stage = flow->transaction.stage;
	return json_flag(stage, "typed", false) && flow->session && !steps_wants_sign_in(flow) &&
	       !grant_stage_done(stage, "account", flow->session);
}

static bool due(const struct flow *flow)
{
	if (!flow->registered)
		return false;
	return signed_in_elsewhere(flow) ||
	       (flow->decision.outcome == AUTHZ_STEP && flow->decision.step == AUTHZ_STEP_ACCOUNT);
}

static struct result page(struct context *ctx, struct flow *flow, const struct signin_fault *fault)
{
	(void)fault;
	return signin_question(ctx, flow, "account", json_object());
}

static struct result take(struct context *ctx, struct flow *flow)
{
	const char *choice = params_value(ctx->request->form, "choice");
	json_t *stage = flow->transaction.stage;
	if (str_eq(choice, "other")) {
		json_put_flag(stage, "other_account", true);
		json_object_del(stage, "login");
	} else if (str_eq(choice, "same") && grant_stage_done(stage, "shown_to", flow->session)) {
		json_put(stage, "account", flow->session->session_id);
	}
	return flow_next(ctx, flow);
}

const struct step step_account = {.name = "account", .due = due, .page = page, .take = take};
