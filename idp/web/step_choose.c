/* SPDX-License-Identifier: Apache-2.0 */
/* Between the two steps: by which factor? Its form is also what asks for a code to be sent, and
 * sent again. */
#include "idp/web/send_code.h"
#include "idp/web/steps.h"

static const struct signin_fault faults[] = {
	{.name = "way_blocked", .send = "choose.blocked"},
	{.name = "way_failed", .send = "choose.failed"},
	{.name = NULL},
};

static bool due(const struct flow *flow)
{
	return steps_wants_sign_in(flow) && json_str(flow->transaction.stage, "partial") &&
	       ways_open(flow);
}

static struct result page(struct context *ctx, struct flow *flow, const struct signin_fault *fault)
{
	const struct ways ways = ways_offered(ctx->arena, flow);
	json_t *data = json_object(), *list = json_array();
	for (size_t i = 0; i < ways.n; i++) {
		json_t *one = json_object();
		json_put(one, "kind", ways.items[i].kind);
		json_put(
			one, "name_key", arena_printf(ctx->arena, "choose.%s", ways.items[i].kind));
		json_put(one, "hint", ways.items[i].hint);
		json_put_flag(one, "first", i == 0);
		json_array_append_new(list, one);
	}
	json_put_new(data, "ways", list);
	json_put_int(data, "step", 2);
	return signin_page(ctx, flow, "choose", fault, data);
}

static struct result take(struct context *ctx, struct flow *flow)
{
	const char *const kind = params_value(ctx->request->form, "way");
	json_t *stage = flow->transaction.stage;
	const bool proven = steps_wants_sign_in(flow) && json_str(stage, "partial");
	const struct signin_way *const way = proven ? ways_find(ctx->arena, flow, kind) : NULL;
	if (way && way->sent)
		return send_code(ctx, flow, way);
	if (way)
		json_put(stage, "way", way->kind);
	return flow_next(ctx, flow);
}

const struct step step_choose = {
	.name = "choose",
	.any_time = true,
	.faults = faults,
	.due = due,
	.page = page,
	.take = take,
};
