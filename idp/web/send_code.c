/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/send_code.h"
#include "idp/web/steps.h"

static bool has_other(struct context *ctx, const struct flow *flow)
{
	return ways_offered(ctx->arena, flow).n > 1;
}

/* A code that was sent before may still be typed: then it is told there, and not by a page in its
 * place. */
static struct result wait(struct context *ctx, struct flow *flow, const struct signin_send *in,
	const struct signin_sent *sent)
{
	struct signin_delivery delivery = {0};
	if (str_eq(sent->reason, "codes"))
		return signin_again(ctx, flow, "sent_wait", sent->wait_s);
	TRY(signin_vault_delivery(ctx, flow->transaction.id, in, &delivery));
	if (delivery.outcome == VAULT_OK && delivery.live)
		return signin_again(
			ctx, flow, str_eq(sent->reason, "resend") ? "send_soon" : "send_often", 0);
	return signin_again(ctx, flow, "send_wait", sent->wait_s);
}

static struct result blocked(struct context *ctx, struct flow *flow, const struct signin_sent *sent)
{
	const bool by_tries = str_eq(sent->reason, "blocked");
	if (has_other(ctx, flow)) {
		json_object_del(flow->transaction.stage, "way");
		return signin_again(ctx, flow, by_tries ? "way_blocked" : "way_failed", 0);
	}
	if (!by_tries)
		return signin_again(ctx, flow, "send_failed", 0);
	ways_forget(flow);
	return signin_again(ctx, flow, "sent_blocked", 0);
}

struct result send_code(struct context *ctx, struct flow *flow, const struct signin_way *way)
{
	json_t *stage = flow->transaction.stage;
	const struct signin_asker asker = signin_asker(ctx, flow);
	const struct signin_send in = {.partial = json_str(stage, "partial"),
		.kind = way->kind,
		.thai = page_lang(ctx, flow->request.ui_locales) == PAGE_TH};
	struct signin_sent sent = {0};
	json_put(stage, "way", way->kind);
	TRY(signin_vault_challenge(ctx, &asker, &in, &sent));
	switch (sent.outcome) {
	case VAULT_OK:
		return flow_next(ctx, flow);
	case VAULT_WAIT:
		return wait(ctx, flow, &in, &sent);
	case VAULT_BLOCKED:
		return blocked(ctx, flow, &sent);
	case VAULT_EXPIRED:
	case VAULT_REFUSED: /* the citizen was locked, or has this factor no more */
	case VAULT_CHANGED:
	case VAULT_FAILED: /* an error: signin_vault.h */
		break;
	}
	ways_forget(flow);
	return signin_again(ctx, flow, "late", 0);
}

struct result send_code_next(struct context *ctx, struct flow *flow)
{
	TRY(flow_judge(ctx, flow));
	const bool is_next = steps_due(flow) == &step_factor;
	const struct signin_way *const way = is_next ? ways_chosen(ctx->arena, flow) : NULL;
	return way && way->sent ? send_code(ctx, flow, way) : flow_next(ctx, flow);
}
