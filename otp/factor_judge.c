/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/factor_judge.h"
#include "otp/throttle.h"

static bool usable(const struct factor_try *in, const struct factor *factor)
{
	return (!factor->sandbox_only || in->sandbox) &&
	       (in->kind ? str_eq(in->kind, factor->kind) : !factor->channels);
}

/* Milliseconds that a factor's delay still runs; 0: none. */
static int64_t rest_ms(const struct factor_bound *bound)
{
	const int64_t rest = throttle_factor_delay_s(bound->failures) * 1000 - bound->since_ms;
	return rest > 0 ? rest : 0;
}

static void add(struct str_list *list, const char *kind)
{
	list->items[list->n++] = kind;
}

static struct result judge_one(const struct factor_bound *bound, struct factor_judgement *out)
{
	struct factor_decision decision;
	TRY(bound->factor->judge(&bound->facts, &decision));
	add(&out->tried, bound->factor->kind);
	if (bound->total + 1 >= THROTTLE_FACTOR_FAILURES_MAX)
		add(&out->blocked, bound->factor->kind);
	if (decision.good && !out->right) {
		out->right = bound;
		out->step = decision.step;
	}
	if (!out->reason || str_eq(decision.reason, "replayed"))
		out->reason = decision.reason;
	return OK;
}

/* What keeps a factor from being tried, or the try. */
static struct result try_one(const struct factor_bound *bound, struct factor_judgement *out)
{
	const int64_t wait_s = (rest_ms(bound) + 999) / 1000;
	if (bound->blocked) {
		if (out->verdict == FACTOR_NONE)
			out->verdict = FACTOR_BLOCKED;
		return OK;
	}
	if (wait_s == 0 && bound->factor->channels && bound->facts.sent_hash.len == 0) {
		out->verdict = FACTOR_LATE;
		return OK;
	}
	if (wait_s == 0)
		return judge_one(bound, out);
	if (out->wait_s == 0 || wait_s < out->wait_s)
		out->wait_s = wait_s;
	out->verdict = FACTOR_WAIT;
	return OK;
}

static void earn(const struct factor_try *in, struct factor_judgement *out)
{
	for (size_t i = 0; i < in->n; i++)
		if (in->items[i].factor->level <= out->right->factor->level &&
			str_list_has(&out->tried, in->items[i].factor->kind))
			add(&out->earned, in->items[i].factor->kind);
}

struct result factor_judge(
	struct arena *arena, const struct factor_try *in, struct factor_judgement *out)
{
	static const char *const reasons[] = {[FACTOR_RIGHT] = NULL,
		[FACTOR_WRONG] = "wrong_code",
		[FACTOR_WAIT] = "wait",
		[FACTOR_BLOCKED] = "blocked",
		[FACTOR_LATE] = "no_code",
		[FACTOR_NONE] = "no_factor"};
	*out = (struct factor_judgement){.verdict = FACTOR_NONE};
	out->tried.items = ARENA_ARRAY(arena, const char *, in->n + 1);
	out->blocked.items = ARENA_ARRAY(arena, const char *, in->n + 1);
	out->earned.items = ARENA_ARRAY(arena, const char *, in->n + 1);
	for (size_t i = 0; i < in->n; i++)
		if (usable(in, in->items[i].factor))
			TRY(try_one(&in->items[i], out));
	if (out->right) {
		out->verdict = FACTOR_RIGHT;
		earn(in, out);
	} else if (out->tried.n > 0) {
		out->verdict = FACTOR_WRONG;
	}
	if (out->verdict != FACTOR_WRONG)
		out->reason = reasons[out->verdict];
	return OK;
}
