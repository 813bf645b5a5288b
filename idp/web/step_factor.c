/* SPDX-License-Identifier: Apache-2.0 */
/* The second step: a code. With it a session begins. */
#include "idp/web/signin_end.h"
#include "idp/web/steps.h"
#include "idp/web/ways.h"
#include "otp/typed.h"
#include <string.h>

#define TYPED_MAX 256 /* bytes of what is typed, in which a code may be hidden by spaces */
#define CODE_MAX 16 /* bytes: no code has more */

static const struct signin_fault faults[] = {
	{.name = "code_empty", .code = "factor.empty"},
	{.name = "code_refused", .code = "factor.refused", .advice = "factor.advice"},
	{.name = "code_wait", .page = "wait", .keep = "wait.code_keep", .why = "wait.code_why"},
	{.name = "blocked", .page = "blocked"},
	/* Of a code that was sent. */
	{.name = "sent_refused", .code = "code.refused", .advice = "code.advice"},
	{.name = "code_late", .send = "code.late"},
	{.name = "send_soon", .send = "code.soon"},
	{.name = "send_often", .send = "code.often"},
	{.name = "send_failed", .send = "code.failed", .advice = "code.failed_advice"},
	{.name = "send_wait",
		.page = "wait",
		.lead = "wait.send_text",
		.keep = "wait.send_keep",
		.why = "wait.send_why"},
	{.name = "sent_wait", .page = "wait", .keep = "wait.sent_keep", .why = "wait.code_why"},
	{.name = "sent_blocked", .page = "sent_blocked"},
	{.name = NULL},
};

static bool due(const struct flow *flow)
{
	return steps_wants_sign_in(flow) && json_str(flow->transaction.stage, "partial") &&
	       !ways_none_answers(flow) && !ways_open(flow);
}

/* What is known of the message, and when another can be sent. */
static void put_delivery(struct context *ctx, const struct signin_delivery *delivery, json_t *data)
{
	const int64_t wait_s = delivery->resend_at - ctx->now_s;
	json_put_flag(data, "live", delivery->live);
	json_put(data, "state_key", arena_printf(ctx->arena, "delivery.%s", delivery->state));
	json_put_flag(data, "failed", str_eq(delivery->state, "failed"));
	json_put_flag(data, "arrived", str_eq(delivery->state, "delivered"));
	if (delivery->live && wait_s > 0)
		json_put_int(data, "resend_s", wait_s);
}

/* For a code that is sent. */
static struct result sent_page(struct context *ctx, struct flow *flow, const struct signin_way *way,
	const struct signin_fault *fault)
{
	const struct signin_send asked = {
		.partial = json_str(flow->transaction.stage, "partial"), .kind = way->kind};
	struct signin_delivery delivery = {0};
	TRY(signin_vault_delivery(ctx, flow->transaction.id, &asked, &delivery));
	json_t *data = json_object();
	json_put_int(data, "step", 2);
	json_put(data, "kind", way->kind);
	json_put(data, "hint", way->hint);
	json_put(data, "text_key", arena_printf(ctx->arena, "code.%s", way->kind));
	json_put(data, "ask_key", arena_printf(ctx->arena, "code.ask_%s", way->kind));
	json_put_flag(data, "other_way", ways_offered(ctx->arena, flow).n > 1);
	if (delivery.outcome == VAULT_OK)
		put_delivery(ctx, &delivery, data);
	if (fault && fault->code && !delivery.live)
		fault = steps_fault("code_late");
	return signin_page(ctx, flow, "signin_code", fault, data);
}

static struct result page(struct context *ctx, struct flow *flow, const struct signin_fault *fault)
{
	const struct signin_way *const way = ways_chosen(ctx->arena, flow);
	if (way && way->sent)
		return sent_page(ctx, flow, way, fault);
	json_t *data = json_object();
	json_put_int(data, "step", 2);
	json_put_flag(data, "other_way", ways_offered(ctx->arena, flow).n > 1);
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

/* No code of this factor is taken any more. */
static struct result blocked(struct context *ctx, struct flow *flow, bool sent)
{
	if (ways_offered(ctx->arena, flow).n > 1) {
		json_object_del(flow->transaction.stage, "way");
		return signin_again(ctx, flow, "way_blocked", 0);
	}
	ways_forget(flow);
	return signin_again(ctx, flow, sent ? "sent_blocked" : "blocked", 0);
}

static struct result answer(struct context *ctx, struct flow *flow,
	const struct signin_factor *checked, const struct grant_code *foreseen)
{
	const struct signin_way *const way = ways_chosen(ctx->arena, flow);
	const bool sent = way && way->sent;
	switch (checked->outcome) {
	case VAULT_OK:
		return signin_end(ctx, flow, checked, foreseen);
	case VAULT_WAIT:
		return signin_again(ctx, flow, sent ? "sent_wait" : "code_wait", checked->wait_s);
	case VAULT_BLOCKED:
		return blocked(ctx, flow, sent);
	case VAULT_EXPIRED: /* the first step has expired, or was continued before */
		ways_forget(flow);
		return signin_again(ctx, flow, "late", 0);
	case VAULT_CHANGED:
		return signin_again(ctx, flow, "code_late", 0);
	case VAULT_REFUSED:
	case VAULT_FAILED: /* an error: signin_vault.h */
		break;
	}
	return signin_again(ctx, flow, sent ? "sent_refused" : "code_refused", 0);
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
	const struct signin_way *const way = ways_chosen(ctx->arena, flow);
	const struct signin_factor_in in = {.partial = json_str(flow->transaction.stage, "partial"),
		.code = code,
		.kind = way && way->sent ? way->kind : NULL,
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
