/* SPDX-License-Identifier: Apache-2.0 */
/* The second step: a code. With it a session begins. */
#include "idp/web/signin_end.h"
#include "idp/web/steps.h"
#include "otp/typed.h"
#include <string.h>

#define TYPED_MAX 256 /* bytes of what is typed, in which a code may be hidden by spaces */
#define CODE_MAX 16 /* bytes: no code has more */

static const struct signin_fault faults[] = {
	{.name = "code_empty", .code = "factor.empty"},
	{.name = "code_refused", .code = "factor.refused", .advice = "factor.advice"},
	{.name = "code_wait", .page = "wait", .keep = "wait.code_keep", .why = "wait.code_why"},
	{.name = "blocked", .page = "blocked"},
	{.name = NULL},
};

static bool due(const struct flow *flow)
{
	return steps_wants_sign_in(flow) && json_str(flow->transaction.stage, "partial");
}

static struct result page(struct context *ctx, struct flow *flow, const struct signin_fault *fault)
{
	json_t *data = json_object();
	json_put_int(data, "step", 2);
	return signin_page(ctx, flow, "signin_factor", fault, data);
}

/* In a copy of its own, to be wiped. What is longer than any code becomes empty. */
static char *bare(struct context *ctx, const char *typed)
{
	if (!typed || strlen(typed) > TYPED_MAX)
		return arena_strdup(ctx->arena, "");
	const char *code = typed_code(ctx->arena, typed);
	return arena_strdup(ctx->arena, strlen(code) > CODE_MAX ? "" : code);
}

/* Could it be a code at all? Digits; the fixed codes of a sandbox have letters too. */
static bool looks_like_code(const char *code)
{
	static const char allowed[] =
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	return *code && strspn(code, allowed) == strlen(code);
}

/* Where the code can be foreseen that the sign-in ends in, the vault binds it in the same call. */
static bool foresee(struct context *ctx, const struct flow *flow, struct grant_code *out)
{
	struct grant grant = flow_grant(flow);
	grant.session = NULL;
	if (!flow->registered || grant_needs_consent_record(&grant))
		return false;
	*out = grant_code_new(ctx, &grant, &flow->decision);
	return true;
}

static struct result answer(struct context *ctx, struct flow *flow,
	const struct signin_factor *checked, const struct grant_code *foreseen)
{
	json_t *stage = flow->transaction.stage;
	switch (checked->outcome) {
	case VAULT_OK:
		return signin_end(ctx, flow, checked, foreseen);
	case VAULT_WAIT:
		return signin_again(ctx, flow, "code_wait", checked->wait_s);
	case VAULT_BLOCKED:
		json_object_del(stage, "partial");
		return signin_again(ctx, flow, "blocked", 0);
	case VAULT_EXPIRED: /* the first step has expired, or was continued before */
		json_object_del(stage, "partial");
		return signin_again(ctx, flow, "late", 0);
	case VAULT_REFUSED:
	case VAULT_CHANGED: /* of a binding alone */
	case VAULT_FAILED: /* an error: signin_vault.h */
		break;
	}
	return signin_again(ctx, flow, "code_refused", 0);
}

static struct result take(struct context *ctx, struct flow *flow)
{
	char *code = bare(ctx, params_value(ctx->request->form, "code"));
	struct grant_code foreseen = {0};
	struct signin_factor checked = {0};
	if (!looks_like_code(code))
		return signin_again(ctx, flow, "code_empty", 0);
	const bool may_bind = foresee(ctx, flow, &foreseen);
	const struct signin_asker asker = signin_asker(ctx, flow);
	const struct signin_factor_in in = {.partial = json_str(flow->transaction.stage, "partial"),
		.code = code,
		.new_device_hash = device_next_hash(ctx),
		.bind = foreseen.bind};
	const struct result asked = signin_vault_factor(ctx, &asker, &in, &checked);
	explicit_bzero(code, strlen(code));
	TRY(asked);
	return answer(ctx, flow, &checked, may_bind ? &foreseen : NULL);
}

const struct step step_factor = {
	.name = "factor",
	.faults = faults,
	.due = due,
	.page = page,
	.take = take,
};
