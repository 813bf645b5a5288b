/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/token_revoke.h"
#include "idp/web/record.h"
#include "queries_web.h"

struct result token_revoke(struct context *ctx, const struct token_revoke *in)
{
	const struct token_load *load = in->load;
	AUTO_JSON json_t *detail = json_object();
	json_put(detail, "grant_id", load->grant_id);
	struct db_args args = db_args(ctx->arena);
	db_text(&args, load->grant_id);
	db_text(&args, load->grant_created_at);
	db_text(&args, in->kind);
	db_text(&args, in->outcome);
	db_text(&args, in->reason);
	db_text(&args, in->client_id);
	db_text(&args, load->citizen_id);
	db_text(&args, load->session_id);
	db_text(&args, load->authentication_id);
	db_text(&args, json_text(ctx->arena, detail));
	record_context(ctx, &args);
	return db_exec(ctx->db, &q_web_grant_revoke, &args, NULL);
}
