/* SPDX-License-Identifier: Apache-2.0 */
/* /signin: the page of whichever step a transaction is at, and the first step, the password. */
#include "idp/web/flow_login.h"
#include "idp/web/signin.h"

#define LOGIN_MAX 128 /* bytes that are asked for and shown again */
#define PASSWORD_MAX 1024 /* bytes that are asked for; the vault's own limit is lower */

struct result ep_signin_get(struct web *web)
{
	const struct params *query = web->request->query;
	AUTO_FLOW struct flow *flow = NULL;
	enum flow_step step = FLOW_STEP_PASSWORD;
	bool fresh = false;

	TRY(flow_load(web, params_value(query, "t"), &flow));
	if (flow->state == FLOW_EXPIRED && params_value(query, "again"))
		return flow_restart(web, flow);
	if (flow->state != FLOW_LIVE) {
		signin_show_expired(web, flow);
		return OK;
	}
	TRY(flow_step(web, flow, &step));
	if (step == FLOW_STEP_DONE)
		return flow_next(web, flow);
	fresh = str_eq(params_value(query, "step"), "password");
	if (fresh && step == FLOW_STEP_TOTP)
		step = FLOW_STEP_PASSWORD;
	return signin_show(web, flow, step, fresh);
}

static struct result answer(
	struct web *web, struct flow *flow, const struct vault_password *checked)
{
	struct signin_fault refused = {
		.page = "password",
		.login = "signin.refused_login",
		.password = "signin.refused_password",
		.summary = "signin.refused",
	};

	if (checked->outcome == VAULT_OK) {
		json_put(flow->stage, "partial", checked->partial);
		return flow_next(web, flow);
	}
	if (checked->outcome == VAULT_WAIT) {
		refused.page = "wait";
		refused.wait_until_s = web->now_s + checked->wait_s;
	}
	return signin_again(web, flow, &refused);
}

struct result ep_signin_post(struct web *web)
{
	const struct params *form = web->request->form;
	AUTO_FLOW struct flow *flow = NULL;
	struct vault_password checked = {0};
	struct signin_fault empty = {.page = "password"};
	struct vault_context context;

	TRY(signin_take(web, &flow));
	if (!flow)
		return OK;
	const char *login = params_value(form, "login");
	const char *password = params_value(form, "password");
	json_object_del(flow->stage, "partial");
	json_object_del(flow->stage, "session_id"); /* one id never names two sessions */
	TRY(flow_login_put(web, flow, login ? str_clip(web->arena, login, LOGIN_MAX) : ""));
	empty.login = login ? NULL : "signin.login_empty";
	empty.password = password ? NULL : "signin.password_empty";
	if (empty.login || empty.password)
		return signin_again(web, flow, &empty);
	context = signin_context(web, flow);
	TRY(vault_password(web, &context, str_clip(web->arena, login, LOGIN_MAX),
		str_clip(web->arena, password, PASSWORD_MAX), &checked));
	return answer(web, flow, &checked);
}
