/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/token_load.h"
#include "queries_web.h"
#include <string.h>

static void put_session_limits(struct context *ctx, struct db_args *args)
{
	db_int(args, ctx->settings->session_idle_s);
	db_int(args, ctx->settings->session_absolute_s);
}

static struct result load_hashed(struct context *ctx, const struct query *query,
	const char *const texts[static 2], struct rows **rows)
{
	struct db_args args = db_args(ctx->arena);
	db_text(&args, texts[0]);
	db_bytes(&args, crypto_sha256_text(ctx->arena, texts[1]), SHA256_LEN);
	put_session_limits(ctx, &args);
	TRY(db_query(ctx->db, query, &args, rows));
	return rows_n(*rows) == 1 ? OK : FAILED(ERR_DB);
}

struct result token_load_code(
	struct context *ctx, const char *client_id, const char *code, struct rows **rows)
{
	return load_hashed(ctx, &q_web_token_code, (const char *[]){client_id, code}, rows);
}

struct result token_load_refresh(
	struct context *ctx, const char *client_id, const char *token, struct rows **rows)
{
	return load_hashed(ctx, &q_web_token_refresh, (const char *[]){client_id, token}, rows);
}

struct result token_load_grant(struct context *ctx, const char *client_id,
	const struct access_token *token, struct rows **rows)
{
	struct db_args args = db_args(ctx->arena);
	db_text(&args, client_id);
	db_text(&args, token->grant_id);
	put_session_limits(ctx, &args);
	db_int(&args, token->iat_s);
	TRY(db_query(ctx->db, &q_web_token_grant, &args, rows));
	return rows_n(*rows) == 1 ? OK : FAILED(ERR_DB);
}

static struct token_grant_facts read_grant(const struct rows *rows)
{
	return (struct token_grant_facts){
		.scope = rows_text(rows, 0, "grant_scope"),
		.expires_at_s = rows_int(rows, 0, "grant_expires_at_s", 0),
		.revoked = rows_bool(rows, 0, "revoked"),
		.offline = rows_bool(rows, 0, "offline"),
		.session_lives = rows_bool(rows, 0, "session_lives"),
		.citizen_locked = rows_bool(rows, 0, "locked"),
	};
}

void token_load_read(const struct rows *rows, const char *presented, struct token_load *out)
{
	*out = (struct token_load){
		.created_at = rows_text(rows, 0, "created_at"),
		.grant_created_at = rows_text(rows, 0, "grant_created_at"),
		.grant_id = rows_text(rows, 0, "grant_id"),
		.ticket = rows_text(rows, 0, "ticket"),
		.sub = rows_text(rows, 0, "sub"),
		.nonce = rows_text(rows, 0, "nonce"),
		.citizen_id = rows_text(rows, 0, "citizen_id"),
		.session_id = rows_text(rows, 0, "session_id"),
		.authentication_id = rows_text(rows, 0, "authentication_id"),
		.acr = rows_text(rows, 0, "acr"),
		.amr = rows_text(rows, 0, "amr"),
		.grant_claims = rows_text(rows, 0, "grant_claims"),
		.citizen_claims = rows_text(rows, 0, "citizen_claims"),
		.citizen_updated_at_s = rows_int(rows, 0, "citizen_updated_at_s", 0),
	};
	/* A code without its grant is none: it is denied as unknown. */
	out->facts = (struct token_facts){
		.found = out->grant_id != NULL,
		.client_id = rows_text(rows, 0, "held_by"),
		.spent = rows_bool(rows, 0, "spent"),
		.expires_at_s = rows_int(rows, 0, "expires_at_s", 0),
		.redirect_uri = rows_text(rows, 0, "redirect_uri"),
		.code_challenge = rows_text(rows, 0, "code_challenge"),
		.grant = read_grant(rows),
	};
	if (presented)
		crypto_sha256(presented, strlen(presented), out->hash);
}
