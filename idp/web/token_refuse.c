/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/token_refuse.h"
#include "idp/base/tally.h"
#include "idp/web/record.h"
#include "queries_web.h"

static bool is_own(const struct token_refuse *in)
{
	return in->found && in->found->facts.found &&
	       str_eq(in->found->facts.client_id, in->client_id);
}

struct result token_refuse(struct context *ctx, const struct token_refuse *in)
{
	const struct token_found *found = in->found;
	if (!is_own(in)) {
		const struct tally_key key = {in->kind, "refused", in->reason, in->client_id};
		tally_add(web_of(ctx)->tally, &key, 1);
		return OK;
	}
	const struct record_asker who = record_asker(ctx);
	const struct q_web_token_refuse_in row = {
		.kind = in->kind,
		.reason = in->reason,
		.client_id = in->client_id,
		.grant_id = found->grant_id,
		.subject_id = found->subject_id,
		.actor_id = found->actor_id,
		.session_id = found->session_id,
		.authentication_id = found->authentication_id,
		.jti = in->jti,
		.address = who.address,
		.device = who.device,
		.user_agent = who.user_agent,
		.correlation_id = who.correlation_id,
	};
	return q_web_token_refuse(ctx->db, ctx->arena, &row, NULL);
}

struct result token_refuse_and_end(struct context *ctx, const struct token_refuse *in)
{
	const struct record_asker who = record_asker(ctx);
	const struct token_found *found = in->found;
	struct q_web_token_reuse_row ended;
	const struct q_web_token_reuse_in row = {
		.kind = in->kind,
		.cause = in->reason,
		.client_id = in->client_id,
		.grant_id = found->grant_id,
		.subject_id = found->subject_id,
		.actor_id = found->actor_id,
		.session_id = found->session_id,
		.authentication_id = found->authentication_id,
		.address = who.address,
		.device = who.device,
		.user_agent = who.user_agent,
		.correlation_id = who.correlation_id,
	};
	return q_web_token_reuse(ctx->db, ctx->arena, &row, &ended);
}
