/* SPDX-License-Identifier: Apache-2.0 */
/* POST /signin/totp: the second step, the code of an authenticator app; with it a session begins.
 */
#include "idp/web/signin.h"
#include <string.h>

#define CODE_MAX 17 /* bytes: one more than any code has */

/* What was typed without the spaces and dashes between digits; anything else stays, to be refused.
 */
static const char *bare(struct context *ctx, const char *typed)
{
	char *out = arena_alloc(ctx->arena, CODE_MAX + 1);
	size_t n = 0;

	for (; typed && *typed && n < CODE_MAX; typed++) {
		if (*typed != ' ' && *typed != '-')
			out[n++] = *typed;
	}
	return out;
}

/* Could it be a code at all? Digits; the fixed codes of a sandbox have letters too. */
static bool looks_like_code(const char *code)
{
	static const char allowed[] =
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return *code && strspn(code, allowed) == strlen(code);
}

/* A new session with a new cookie, whoever had one here before. */
static struct result begin(
	struct context *ctx, struct flow *flow, const struct vault_signed_in *sign_in)
{
	const char *session_id = arena_strdup(ctx->arena, json_str(flow->stage, "session_id"));

	TRY(session_start(ctx, session_id, sign_in, &flow->session));
	flow_authenticated(flow, sign_in);
	json_object_del(flow->stage, "session_id");
	json_object_del(flow->stage, "partial");
	return flow_next(ctx, flow);
}

static struct result answer(
	struct context *ctx, struct flow *flow, const struct vault_signed_in *checked)
{
	struct signin_fault fault = {
		.page = "totp", .code = "totp.refused", .advice = "totp.advice"};

	switch (checked->outcome) {
	case VAULT_OK:
		return begin(ctx, flow, checked);
	case VAULT_BLOCKED:
		json_object_del(flow->stage, "partial");
		fault = (struct signin_fault){.page = "blocked"};
		break;
	case VAULT_EXPIRED: /* the first step was too long ago */
		json_object_del(flow->stage, "partial");
		fault = (struct signin_fault){.page = "password", .summary = "signin.late"};
		break;
	case VAULT_REFUSED:
	case VAULT_WAIT:
	case VAULT_FAILED: /* never comes back as an outcome */
		break;
	}
	return signin_again(ctx, flow, &fault);
}

struct result ep_totp_post(struct context *ctx)
{
	static const struct signin_fault empty = {.page = "totp", .code = "totp.empty"};
	AUTO_FLOW struct flow *flow = NULL;
	struct vault_signed_in checked = {0};
	struct vault_context context;

	TRY(signin_take(ctx, &flow));
	if (!flow)
		return OK;
	if (!json_str(flow->stage, "partial"))
		return flow_next(ctx, flow);
	const char *code = bare(ctx, params_value(ctx->request->form, "code"));
	if (!looks_like_code(code))
		return signin_again(ctx, flow, &empty);
	context = signin_context(ctx, flow);
	TRY(vault_totp(ctx, &context, json_str(flow->stage, "partial"), code, &checked));
	return answer(ctx, flow, &checked);
}
