/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/session.h"
#include "idp/base/enc.h"
#include "idp/web/cookie.h"
#include "idp/web/record.h"
#include "queries_web.h"
#include <string.h>

#define DEVICE_DAYS 400 /* the most that browsers keep */
#define TOUCH_S 60

const char *device_cookie(struct web *web)
{
	if (!web->device)
		web->device = cookie_opaque(web, DEVICE_COOKIE);
	if (!web->device) {
		web->device = rng_opaque(&web->rng, web->arena);
		cookie_set(web, DEVICE_COOKIE, web->device, (int64_t)DEVICE_DAYS * COOKIE_DAY_S);
	}
	return web->device;
}

const uint8_t *device_hash(struct web *web)
{
	return crypto_sha256_text(web->arena, device_cookie(web));
}

const uint8_t *session_token_hash(struct web *web)
{
	const char *cookie = cookie_opaque(web, SESSION_COOKIE);

	return cookie ? crypto_sha256_text(web->arena, cookie) : NULL;
}

static const char *copy(struct web *web, const struct rows *rows, int row, const char *column)
{
	return arena_strdup(web->arena, rows_text(rows, row, column));
}

void session_from_row(struct web *web, const struct rows *rows, int row, const struct session **out)
{
	struct session *session = NULL;

	*out = NULL;
	if (!rows_text(rows, row, "session_id"))
		return;
	session = ARENA_NEW(web->arena, struct session);
	session->session_id = copy(web, rows, row, "session_id");
	session->citizen_id = copy(web, rows, row, "citizen_id");
	session->authentication_id = copy(web, rows, row, "authentication_id");
	session->ticket = copy(web, rows, row, "ticket");
	session->acr = copy(web, rows, row, "acr");
	session->amr = str_split(web->arena, copy(web, rows, row, "amr"), ' ');
	session->auth_time_s = rows_int(rows, row, "auth_time_s", 0);
	session->last_seen_s = rows_int(rows, row, "last_seen_s", 0);
	session->expires_at_s = rows_int(rows, row, "expires_at_s", 0);
	*out = session;
}

static struct result touch(struct web *web, const struct session *session)
{
	struct db_args args = db_args(web->arena);

	db_text(&args, session->session_id);
	return db_exec(web->db, &q_web_session_touch, &args, NULL);
}

struct result session_load(struct web *web, const struct session **out)
{
	const uint8_t *hash = session_token_hash(web);
	struct db_args args = db_args(web->arena);
	AUTO_ROWS struct rows *rows = NULL;
	const struct session *session = NULL;

	*out = NULL;
	if (!hash)
		return OK;
	db_bytes(&args, hash, SHA256_LEN);
	db_int(&args, web->settings->session_idle_s);
	TRY(db_query(web->db, &q_web_session_load, &args, &rows));
	if (rows_n(rows) != 1)
		return OK;
	session_from_row(web, rows, 0, &session);
	if (session != NULL && session->last_seen_s < web->now_s - TOUCH_S)
		TRY(touch(web, session));
	*out = session;
	return OK;
}

/* The new session as the row that was just made says it. */
static const struct session *made(struct web *web, const char *session_id,
	const struct vault_signed_in *in, int64_t created_at_s)
{
	struct session *session = ARENA_NEW(web->arena, struct session);

	session->session_id = session_id;
	session->citizen_id = in->citizen_id;
	session->authentication_id = in->authentication_id;
	session->ticket = in->ticket;
	session->acr = in->acr;
	session->amr = in->amr;
	session->auth_time_s = in->auth_time_s;
	session->last_seen_s = created_at_s;
	session->expires_at_s = in->auth_time_s + web->settings->session_absolute_s;
	return session;
}

struct result session_start(struct web *web, const char *session_id,
	const struct vault_signed_in *sign_in, const struct session **out)
{
	const char *token = rng_opaque(&web->rng, web->arena);
	const uint8_t *old = session_token_hash(web);
	const char *device = device_cookie(web);
	struct db_args args = db_args(web->arena);
	AUTO_ROWS struct rows *rows = NULL;

	db_text(&args, session_id);
	db_bytes(&args, crypto_sha256_text(web->arena, token), SHA256_LEN);
	db_text(&args, sign_in->citizen_id);
	db_text(&args, sign_in->authentication_id);
	db_text(&args, sign_in->ticket);
	db_text(&args, sign_in->acr);
	db_text(&args, db_text_array(web->arena, sign_in->amr.items, sign_in->amr.n));
	db_int(&args, sign_in->auth_time_s);
	db_bytes(&args, device_hash(web), SHA256_LEN);
	db_int(&args, web->settings->session_absolute_s);
	db_bytes(&args, old, SHA256_LEN);
	record_context(web, &args);
	TRY(db_query(web->db, &q_web_session_start, &args, &rows));
	if (rows_n(rows) != 1)
		FAIL(ERR_DB);
	cookie_set(web, SESSION_COOKIE, token, COOKIE_SESSION);
	cookie_set(web, DEVICE_COOKIE, device, (int64_t)DEVICE_DAYS * COOKIE_DAY_S);
	*out = made(web, session_id, sign_in, rows_int(rows, 0, "created_at_s", web->now_s));
	return OK;
}

struct result session_end(struct web *web, const struct session *by, const char *session_id,
	const char *reason, bool *ended)
{
	struct db_args args = db_args(web->arena);
	int64_t n = 0;

	db_text(&args, session_id);
	db_text(&args, by->citizen_id);
	db_text(&args, by->session_id);
	db_text(&args, reason);
	record_context(web, &args);
	TRY(db_exec(web->db, &q_web_session_end, &args, &n));
	*ended = n > 0;
	return OK;
}

void session_forget_cookie(struct web *web)
{
	cookie_set(web, SESSION_COOKIE, "", COOKIE_GONE);
}
