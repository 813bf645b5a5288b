/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/handle.h"
#include "idp/courier/courier.h"
#include "idp/courier/report.h"
#include "idp/page/answer.h"
#include "queries_courier.h"
#include <string.h>

static struct result check_mac(struct context *ctx, const char *id, bool *good)
{
	const struct courier *const courier = *(struct courier *const *)ctx->role;
	uint8_t key[KEY_LEN];
	if (!courier_keys_report(courier->keys, key))
		FAIL(ERR_VAULT);
	*good = report_mac_valid(ctx->arena, key, id, params_get(ctx->request->query, "mac"));
	explicit_bzero(key, sizeof key);
	return OK;
}

static struct result refuse(struct context *ctx, int status)
{
	answer_text(ctx, status, "{\"error\":\"no such report\"}");
	return OK;
}

/* Every report with a valid address is answered alike, whatever is known of the message: Kannel
 * sends one again that was refused. */
struct result ep_report(struct context *ctx)
{
	const struct courier *const courier = *(struct courier *const *)ctx->role;
	const char *const id = params_get(ctx->request->query, "id");
	const struct report_state *const state =
		report_state_of(params_get(ctx->request->query, "status"));
	const struct q_courier_message_report_row *row = NULL;
	bool good = false;
	if (ctx->request->query_verdict != PARAMS_OK || !str_is_uuid(id) || id[14] != '7')
		return refuse(ctx, 400);
	TRY(check_mac(ctx, id, &good));
	if (!good)
		return refuse(ctx, 403);
	const struct q_courier_message_report_in in = {.message_id = id,
		.created_ms = handle_uuid_span(id).from_ms,
		.state = state ? state->state : NULL,
		.reason = state ? state->reason : NULL};
	if (state)
		TRY(q_courier_message_report(ctx->db, ctx->arena, &in, &row));
	if (row)
		courier_count(courier, row->channel, in.state);
	answer_text(ctx, 200, "{}");
	return OK;
}
