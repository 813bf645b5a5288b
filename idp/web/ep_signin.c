/* SPDX-License-Identifier: Apache-2.0 */
/* /signin: the page of whichever step a transaction is at, and the first step, the password. */
#include "idp/web/flow_login.h"
#include "idp/web/signin.h"

#define LOGIN_MAX 128 /* bytes that are asked for and shown again */
#define PASSWORD_MAX 1024 /* bytes that are asked for; the vault's own limit is lower */

struct result ep_signin_get(struct context *ctx)
{
	const struct params *query = ctx->request->query;
	AUTO_FLOW struct flow *flow = NULL;
	enum flow_step step = FLOW_STEP_PASSWORD;
	bool fresh = false;

	TRY(flow_load(ctx, params_value(query, "t"), &flow));
	if (flow->state == FLOW_EXPIRED && params_value(query, "again"))
		return flow_restart(ctx, flow);
	if (flow->state != FLOW_LIVE) {
		signin_show_expired(ctx, flow);
		return OK;
	}
	TRY(flow_step(ctx, flow, &step));
	if (step == FLOW_STEP_DONE)
		return flow_next(ctx, flow);
	fresh = str_eq(params_value(query, "step"), "password");
	if (fresh && step == FLOW_STEP_TOTP)
		step = FLOW_STEP_PASSWORD;
	return signin_show(ctx, flow, step, fresh);
}

static struct result answer(
	struct context *ctx, struct flow *flow, const struct vault_password *checked)
{
	struct signin_fault refused = {
		.page = "password",
		.login = "signin.refused_login",
		.password = "signin.refused_password",
		.summary = "signin.refused",
	};

	if (checked->outcome == VAULT_OK) {
		json_put(flow->stage, "partial", checked->partial);
		return flow_next(ctx, flow);
	}
	if (checked->outcome == VAULT_WAIT) {
		refused.page = "wait";
		refused.wait_until_s = ctx->now_s + checked->wait_s;
	}
	return signin_again(ctx, flow, &refused);
}

struct result ep_signin_post(struct context *ctx)
{
	const struct params *form = ctx->request->form;
	AUTO_FLOW struct flow *flow = NULL;
	struct vault_password checked = {0};
	struct signin_fault empty = {.page = "password"};
	struct vault_context context;

	TRY(signin_take(ctx, &flow));
	if (!flow)
		return OK;
	const char *login = params_value(form, "login");
	const char *password = params_value(form, "password");
	json_object_del(flow->stage, "partial");
	json_object_del(flow->stage, "session_id"); /* one id never names two sessions */
	TRY(flow_login_put(ctx, flow, login ? str_clip(ctx->arena, login, LOGIN_MAX) : ""));
	empty.login = login ? NULL : "signin.login_empty";
	empty.password = password ? NULL : "signin.password_empty";
	if (empty.login || empty.password)
		return signin_again(ctx, flow, &empty);
	context = signin_context(ctx, flow);
	TRY(vault_password(ctx, &context, str_clip(ctx->arena, login, LOGIN_MAX),
		str_clip(ctx->arena, password, PASSWORD_MAX), &checked));
	return answer(ctx, flow, &checked);
}
