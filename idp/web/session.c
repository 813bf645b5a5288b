/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/session.h"
#include "idp/base/enc.h"
#include "idp/page/cookie.h"
#include "idp/web/record.h"
#include "queries_web.h"
#include <string.h>

#define DEVICE_DAYS 400 /* the most that browsers keep */
#define TOUCH_S 60

const char *device_cookie(struct context *ctx)
{
	if (!web_of(ctx)->device)
		web_of(ctx)->device = cookie_opaque(ctx, DEVICE_COOKIE);
	if (!web_of(ctx)->device) {
		web_of(ctx)->device = rng_opaque(&ctx->rng, ctx->arena);
		cookie_set(ctx, DEVICE_COOKIE, web_of(ctx)->device,
			(int64_t)DEVICE_DAYS * COOKIE_DAY_S);
	}
	return web_of(ctx)->device;
}

const uint8_t *device_hash(struct context *ctx)
{
	return crypto_sha256_text(ctx->arena, device_cookie(ctx));
}

const uint8_t *session_token_hash(struct context *ctx)
{
	const char *cookie = cookie_opaque(ctx, SESSION_COOKIE);

	return cookie ? crypto_sha256_text(ctx->arena, cookie) : NULL;
}

static const char *copy(struct context *ctx, const struct rows *rows, int row, const char *column)
{
	return arena_strdup(ctx->arena, rows_text(rows, row, column));
}

void session_from_row(
	struct context *ctx, const struct rows *rows, int row, const struct session **out)
{
	struct session *session = NULL;

	*out = NULL;
	if (!rows_text(rows, row, "session_id"))
		return;
	session = ARENA_NEW(ctx->arena, struct session);
	session->session_id = copy(ctx, rows, row, "session_id");
	session->citizen_id = copy(ctx, rows, row, "citizen_id");
	session->authentication_id = copy(ctx, rows, row, "authentication_id");
	session->ticket = copy(ctx, rows, row, "ticket");
	session->acr = copy(ctx, rows, row, "acr");
	session->amr = str_split(ctx->arena, copy(ctx, rows, row, "amr"), ' ');
	session->auth_time_s = rows_int(rows, row, "auth_time_s", 0);
	session->last_seen_s = rows_int(rows, row, "last_seen_s", 0);
	session->expires_at_s = rows_int(rows, row, "expires_at_s", 0);
	*out = session;
}

static struct result touch(struct context *ctx, const struct session *session)
{
	struct db_args args = db_args(ctx->arena);

	db_text(&args, session->session_id);
	return db_exec(ctx->db, &q_web_session_touch, &args, NULL);
}

struct result session_load(struct context *ctx, const struct session **out)
{
	const uint8_t *hash = session_token_hash(ctx);
	struct db_args args = db_args(ctx->arena);
	AUTO_ROWS struct rows *rows = NULL;
	const struct session *session = NULL;

	*out = NULL;
	if (!hash)
		return OK;
	db_bytes(&args, hash, SHA256_LEN);
	db_int(&args, ctx->settings->session_idle_s);
	TRY(db_query(ctx->db, &q_web_session_load, &args, &rows));
	if (rows_n(rows) != 1)
		return OK;
	session_from_row(ctx, rows, 0, &session);
	if (session != NULL && session->last_seen_s < ctx->now_s - TOUCH_S)
		TRY(touch(ctx, session));
	*out = session;
	return OK;
}

/* The new session as the row that was just made says it. */
static const struct session *made(struct context *ctx, const char *session_id,
	const struct vault_signed_in *in, int64_t created_at_s)
{
	struct session *session = ARENA_NEW(ctx->arena, struct session);

	session->session_id = session_id;
	session->citizen_id = in->citizen_id;
	session->authentication_id = in->authentication_id;
	session->ticket = in->ticket;
	session->acr = in->acr;
	session->amr = in->amr;
	session->auth_time_s = in->auth_time_s;
	session->last_seen_s = created_at_s;
	session->expires_at_s = in->auth_time_s + ctx->settings->session_absolute_s;
	return session;
}

struct result session_start(struct context *ctx, const char *session_id,
	const struct vault_signed_in *sign_in, const struct session **out)
{
	const char *token = rng_opaque(&ctx->rng, ctx->arena);
	const uint8_t *old = session_token_hash(ctx);
	const char *device = device_cookie(ctx);
	struct db_args args = db_args(ctx->arena);
	AUTO_ROWS struct rows *rows = NULL;

	db_text(&args, session_id);
	db_bytes(&args, crypto_sha256_text(ctx->arena, token), SHA256_LEN);
	db_text(&args, sign_in->citizen_id);
	db_text(&args, sign_in->authentication_id);
	db_text(&args, sign_in->ticket);
	db_text(&args, sign_in->acr);
	db_text(&args, db_text_array(ctx->arena, sign_in->amr.items, sign_in->amr.n));
	db_int(&args, sign_in->auth_time_s);
	db_bytes(&args, device_hash(ctx), SHA256_LEN);
	db_int(&args, ctx->settings->session_absolute_s);
	db_bytes(&args, old, SHA256_LEN);
	record_context(ctx, &args);
	TRY(db_query(ctx->db, &q_web_session_start, &args, &rows));
	if (rows_n(rows) != 1)
		FAIL(ERR_DB);
	cookie_set(ctx, SESSION_COOKIE, token, COOKIE_SESSION);
	cookie_set(ctx, DEVICE_COOKIE, device, (int64_t)DEVICE_DAYS * COOKIE_DAY_S);
	*out = made(ctx, session_id, sign_in, rows_int(rows, 0, "created_at_s", ctx->now_s));
	return OK;
}

struct result session_end(struct context *ctx, const struct session *by, const char *session_id,
	const char *reason, bool *ended)
{
	struct db_args args = db_args(ctx->arena);
	int64_t n = 0;

	db_text(&args, session_id);
	db_text(&args, by->citizen_id);
	db_text(&args, by->session_id);
	db_text(&args, reason);
	record_context(ctx, &args);
	TRY(db_exec(ctx->db, &q_web_session_end, &args, &n));
	*ended = n > 0;
	return OK;
}

void session_forget_cookie(struct context *ctx)
{
	cookie_set(ctx, SESSION_COOKIE, "", COOKIE_GONE);
}
