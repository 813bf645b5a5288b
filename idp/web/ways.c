/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/ways.h"
#include "oidc/authz_level.h"

enum part {
	KIND,
	ACR,
	HINT,
	SENT,
};

void ways_begin(struct flow *flow, const struct signin_password *proven)
{
	json_t *stage = flow->transaction.stage;
	json_t *ways = json_array();
	for (size_t i = 0; i < proven->n_ways; i++) {
		const struct signin_way *const way = &proven->ways[i];
		json_array_append_new(
			ways, json_pack("[s,s,s,b]", way->kind, way->acr, way->hint, way->sent));
	}
	ways_forget(flow);
	json_put(stage, "partial", proven->partial);
	json_put_new(stage, "ways", ways);
}

void ways_forget(struct flow *flow)
{
	static const char *const names[] = {"partial", "ways", "way", "step_up", NULL};
	for (size_t i = 0; names[i]; i++)
		json_object_del(flow->transaction.stage, names[i]);
}

void ways_check(struct flow *flow)
{
	const json_t *stage = flow->transaction.stage;
	if (json_str(stage, "step_up") && !grant_stage_done(stage, "step_up", flow->session))
		ways_forget(flow);
}

/* The acr of the session that is to step up; NULL: the citizen signs in. */
static const char *has(const struct flow *flow)
{
	const bool steps_up = flow->registered && flow->session &&
			      flow->decision.outcome == AUTHZ_STEP &&
			      flow->decision.step == AUTHZ_STEP_LEVEL;
	return steps_up ? flow->session->acr : NULL;
}

static bool answers(const struct flow *flow, const char *acr)
{
	return !flow->registered || authz_level_answers(&flow->request, has(flow), acr);
}

static bool is_known(const struct ways *ways, const char *kind)
{
	for (size_t i = 0; i < ways->n; i++)
		if (str_eq(ways->items[i].kind, kind))
			return true;
	return false;
}

struct ways ways_offered(struct arena *arena, const struct flow *flow)
{
	const json_t *list = json_arr(flow->transaction.stage, "ways");
	const size_t n = json_array_size(list);
	struct ways ways = {ARENA_ARRAY(arena, struct signin_way, n + 1), 0};
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_array_get(list, i);
		const bool sent = json_is_true(json_array_get(one, SENT));
		const char *kind = json_string_value(json_array_get(one, KIND));
		const char *acr = json_string_value(json_array_get(one, ACR));
		const char *hint = json_string_value(json_array_get(one, HINT));
		if (!sent)
			kind = WAYS_APP;
		if (kind && acr && hint && answers(flow, acr) && !is_known(&ways, kind))
			ways.items[ways.n++] = (struct signin_way){arena_strdup(arena, kind),
				arena_strdup(arena, acr), arena_strdup(arena, hint), sent};
	}
	return ways;
}

/* In an arena of its own: whoever asks whether a step is due has none. */
static size_t count(const struct flow *flow)
{
	struct arena *arena = arena_new();
	const size_t n = ways_offered(arena, flow).n;
	arena_free(arena);
	return n;
}

bool ways_none_answers(const struct flow *flow)
{
	const json_t *stage = flow->transaction.stage;
	return json_str(stage, "partial") && json_array_size(json_arr(stage, "ways")) > 0 &&
	       count(flow) == 0;
}

const struct signin_way *ways_find(struct arena *arena, const struct flow *flow, const char *kind)
{
	const struct ways ways = ways_offered(arena, flow);
	for (size_t i = 0; i < ways.n; i++)
		if (str_eq(ways.items[i].kind, kind))
			return &ways.items[i];
	return NULL;
}

const struct signin_way *ways_chosen(struct arena *arena, const struct flow *flow)
{
	static const struct signin_way app = {WAYS_APP, "", "", false};
	const struct ways ways = ways_offered(arena, flow);
	if (ways.n == 0)
		return &app;
	if (ways.n == 1)
		return &ways.items[0];
	return ways_find(arena, flow, json_str(flow->transaction.stage, "way"));
}

bool ways_open(const struct flow *flow)
{
	struct arena *arena = arena_new();
	const bool open = !ways_chosen(arena, flow);
	arena_free(arena);
	return open;
}
