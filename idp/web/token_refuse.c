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

/* What both statements write of the grant. */
#define FOUND(in) \
	.kind = (in)->kind, .client_id = (in)->client_id, .grant_id = (in)->found->grant_id, \
	.subject_id = (in)->found->subject_id, .actor_id = (in)->found->actor_id, \
	.session_id = (in)->found->session_id, .authentication_id = (in)->found->authentication_id

struct result token_refuse(struct context *ctx, const struct token_refuse *in)
{
	if (!is_own(in)) {
		const struct tally_key key = {in->kind, "refused", in->reason, in->client_id};
		tally_add(web_of(ctx)->tally, &key, 1);
		return OK;
	}
	const struct record_asker who = record_asker(ctx);
	const struct q_web_token_refuse_in row = {
		FOUND(in),
		.reason = in->reason,
		.jti = in->jti,
		RECORD_ASKER(who),
	};
	return q_web_token_refuse(ctx->db, ctx->arena, &row, NULL);
}

struct result token_refuse_and_end(struct context *ctx, const struct token_refuse *in)
{
	const struct record_asker who = record_asker(ctx);
	struct q_web_token_reuse_row ended;
	const struct q_web_token_reuse_in row = {
		FOUND(in),
		.cause = in->reason,
		RECORD_ASKER(who),
	};
	return q_web_token_reuse(ctx->db, ctx->arena, &row, &ended);
}
