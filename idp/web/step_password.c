/* SPDX-License-Identifier: Apache-2.0 */
/* The first step: login name and password. */
#include "idp/base/enc.h"
#include "idp/web/send_code.h"
#include "idp/web/steps.h"
#include "otp/typed.h"
#include <string.h>

#define LOGIN_MAX 1024 /* bytes that the vault takes; longer ones belong to no citizen */
#define LOGIN_SHOWN_MAX 512 /* bytes that are shown again */
#define PASSWORD_MAX 1024 /* bytes that are asked for; the vault's own limit is lower */

static const struct signin_fault faults[] = {
	{.name = "login_empty", .login = "signin.login_empty"},
	{.name = "password_empty", .password = "signin.password_empty"},
	{.name = "both_empty", .login = "signin.login_empty", .password = "signin.password_empty"},
	{.name = "login_digits", .login = "signin.login_digits"},
	{.name = "login_digits_alone",
		.login = "signin.login_digits",
		.password = "signin.password_empty"},
	{.name = "password_refused",
		.login = "signin.refused_login",
		.password = "signin.refused_password",
		.summary = "signin.refused"},
	{.name = "password_wait",
		.page = "wait",
		.keep = "wait.keep",
		.why = "wait.why",
		.again = "password"},
	{.name = "late", .summary = "signin.late"},
	{.name = NULL},
};

static bool due(const struct flow *flow)
{
	const bool steps_up =
		flow->registered && flow->decision.step == AUTHZ_STEP_LEVEL && flow->session;
	return steps_wants_sign_in(flow) && !steps_up &&
	       !json_str(flow->transaction.stage, "partial");
}

static struct result page(struct context *ctx, struct flow *flow, const struct signin_fault *fault)
{
	const char *login = json_str(flow->transaction.stage, "login");
	json_t *data = json_object();
	if (!login)
		login = flow->request.login_hint;
	json_put(data, "login", login ? login : "");
	json_put_int(data, "step", 1);
	return signin_page(ctx, flow, "signin_password", fault, data);
}

/* A login name is judged whole. One that is longer than any is sent as another that belongs to no
 * citizen, so that the same work is done for it. */
static const char *judged(struct context *ctx, const char *login)
{
	if (strlen(login) <= LOGIN_MAX)
		return login;
	return arena_printf(ctx->arena, "too long: %s",
		enc_hex(ctx->arena, crypto_sha256_text(ctx->arena, login), SHA256_LEN));
}

static struct result answer(
	struct context *ctx, struct flow *flow, const struct signin_password *checked)
{
	if (checked->outcome == VAULT_WAIT)
		return signin_again(ctx, flow, "password_wait", checked->wait_s);
	if (checked->outcome != VAULT_OK)
		return signin_again(ctx, flow, "password_refused", 0);
	ways_begin(flow, checked);
	return send_code_next(ctx, flow);
}

/* Is it to be shown again? Its bytes have a bound within the transaction, where a control character
 * takes six. */
static bool shows(const char *login)
{
	size_t len = 0;
	for (; login[len]; len++) {
		if (len == LOGIN_SHOWN_MAX || (unsigned char)login[len] < ' ')
			return false;
	}
	return true;
}

/* What can be told without asking anybody: it says nothing of who exists (I8). NULL: nothing. */
static const char *early_fault(struct context *ctx, const char *login, const char *password)
{
	if (!login)
		return password ? "login_empty" : "both_empty";
	if (strlen(login) <= LOGIN_MAX &&
		typed_login(ctx->arena, login).kind == TYPED_BAD_NATIONAL_ID)
		return password ? "login_digits" : "login_digits_alone";
	return password ? NULL : "password_empty";
}

static struct result take(struct context *ctx, struct flow *flow)
{
	const char *login = params_value(ctx->request->form, "login");
	const char *password = params_value(ctx->request->form, "password");
	json_t *stage = flow->transaction.stage;
	struct signin_password checked = {0};
	json_put_flag(stage, "typed", true);
	ways_forget(flow);
	json_object_del(stage, "session_id"); /* one id never names two sessions */
	json_object_del(stage, "login");
	if (login && shows(login))
		json_put(stage, "login", login);
	const char *fault = early_fault(ctx, login, password);
	if (fault)
		return signin_again(ctx, flow, fault, 0);
	const struct signin_asker asker = signin_asker(ctx, flow);
	TRY(signin_vault_password(ctx, &asker, judged(ctx, login),
		str_clip(ctx->arena, password, PASSWORD_MAX), &checked));
	return answer(ctx, flow, &checked);
}

const struct step step_password = {
	.name = "password",
	.any_time = true,
	.faults = faults,
	.due = due,
	.page = page,
	.take = take,
};
