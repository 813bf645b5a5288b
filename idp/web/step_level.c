/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agency wants more than the session has, or than the citizen can prove. The first begins
 * another second step, without a password; where the second is essential to the agency, the citizen
 * is told, and the agency gets unmet_authentication_requirements (OpenID Connect Core
 * Unmet Authentication Requirements 1.0).
 */
#include "idp/web/record.h"
#include "idp/web/send_code.h"
#include "idp/web/steps.h"
#include "oidc/authz_level.h"

static bool steps_up(const struct flow *flow)
{
	return flow->registered && flow->decision.outcome == AUTHZ_STEP &&
	       flow->decision.step == AUTHZ_STEP_LEVEL;
}

static bool due(const struct flow *flow)
{
	if (!steps_wants_sign_in(flow))
		return false;
	return ways_none_answers(flow) ||
	       (steps_up(flow) && !json_str(flow->transaction.stage, "partial"));
}

static struct result page(struct context *ctx, struct flow *flow, const struct signin_fault *fault)
{
	json_t *data = json_object();
	json_put_flag(data, "none", ways_none_answers(flow));
	return signin_page(ctx, flow, "level", fault, data);
}

/* To the agency. */
static struct result give_up(struct context *ctx, const struct flow *flow)
{
	const struct str_list *const asked = authz_level_essential(&flow->request);
	const struct error error = error_make(ctx->arena, ERROR_UNMET_AUTHENTICATION_REQUIREMENTS,
		"The citizen has no second factor of a level that is requested. Received %s.",
		error_shown(ctx->arena, asked ? str_join(ctx->arena, asked, " ") : ""));
	const struct record_event event = {.kind = "authorize",
		.outcome = "refused",
		.reason = error_name(error.code),
		.client_id = flow->request.client_id,
		.session = flow->session};
	TRY(record_write_or_count(ctx, &event));
	grant_answer_error(ctx, flow->registered->client, &flow->request, &error);
	return OK;
}

/* The ticket proves nothing any more: the citizen signs in anew. A wish that the citizen cannot
 * fulfil is as good as answered by the session as it is. */
static struct result step_up(struct context *ctx, struct flow *flow)
{
	json_t *stage = flow->transaction.stage;
	struct signin_password proven = {0};
	json_object_del(stage, "session_id"); /* one id never names two sessions */
	const struct signin_asker asker = signin_asker(ctx, flow);
	TRY(signin_vault_step_up(ctx, &asker, flow->session->ticket, &proven));
	if (proven.outcome != VAULT_OK) {
		json_put_flag(stage, "other_account", true);
		return flow_next(ctx, flow);
	}
	ways_begin(flow, &proven);
	json_put(stage, "step_up", flow->session->session_id);
	if (ways_offered(ctx->arena, flow).n == 0 && !authz_level_essential(&flow->request)) {
		ways_forget(flow);
		json_put(stage, "authenticated", flow->session->session_id);
	}
	return send_code_next(ctx, flow);
}

static struct result take(struct context *ctx, struct flow *flow)
{
	if (ways_none_answers(flow))
		return give_up(ctx, flow);
	return step_up(ctx, flow);
}

const struct step step_level = {.name = "level", .due = due, .page = page, .take = take};
