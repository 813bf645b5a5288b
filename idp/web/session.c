/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/session.h"
#include "idp/page/cookie.h"
#include "idp/web/record.h"
#include "queries_web.h"
#include <string.h>

#define TOUCH_S 60

struct session_cookie session_cookie(struct context *ctx)
{
	const char *value = http_cookie(ctx->request, SESSION_COOKIE);
	struct session_cookie out = {{NULL, 0}, {0, 0}};
	if (handle_span(value, &out.span))
		out.token_hash = (struct bytes){crypto_sha256_text(ctx->arena, value), SHA256_LEN};
	return out;
}

struct result session_names(struct arena *arena, const char *json, struct str_list *out)
{
	AUTO_JSON json_t *array = NULL;
	struct str_list list = {NULL, 0};
	if (json)
		TRY(json_parse(json, strlen(json), &array, NULL));
	const char **items = ARENA_ARRAY(arena, const char *, json_array_size(array) + 1);
	list.items = items;
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *name = json_string_value(json_array_get(array, i));
		if (name)
			items[list.n++] = arena_strdup(arena, name);
	}
	*out = list;
	return OK;
}

struct result session_consent_read(struct arena *arena, const char *scope, const char *claims,
	const char *shown, struct session_consent *out)
{
	struct session_consent consent = {
		.scope = str_split(arena, scope, ' '), .shown_known = shown != NULL};
	TRY(session_names(arena, claims, &consent.claims));
	TRY(session_names(arena, shown, &consent.shown));
	*out = consent;
	return OK;
}

struct result session_load(struct context *ctx, const char *client_id, const struct session **out)
{
	const struct session_cookie cookie = session_cookie(ctx);
	const struct q_web_session_load_in in = {.token_hash = cookie.token_hash,
		.from_ms = cookie.span.from_ms,
		.until_ms = cookie.span.until_ms,
		.idle_s = ctx->settings->session_idle_s,
		.client_id = client_id};
	const struct q_web_session_load_row *row = NULL;
	*out = NULL;
	if (!cookie.token_hash.data)
		return OK;
	TRY(q_web_session_load(ctx->db, ctx->arena, &in, &row));
	if (!row)
		return OK;
	struct session *session = ARENA_NEW(ctx->arena, struct session);
	*session = (struct session){.session_id = row->session_id,
		.created_at = row->created_at,
		.subject_id = row->subject_id,
		.actor_id = row->actor_id,
		.authentication_id = row->authentication_id,
		.ticket = row->ticket,
		.acr = row->acr,
		.amr = row->amr,
		.auth_time_s = row->auth_time_s,
		.last_seen_s = row->last_seen_s,
		.expires_at_s = row->expires_at_s,
		.claims = row->claims};
	TRY(session_consent_read(ctx->arena, row->consent_scope, row->consent_claims,
		row->consent_shown, &session->consent));
	*out = session;
	return OK;
}

struct result session_touch(struct context *ctx, const struct session *session)
{
	const struct q_web_session_touch_in in = {session->session_id, session->created_at};
	if (session->last_seen_s >= ctx->now_s - TOUCH_S)
		return OK;
	return q_web_session_touch(ctx->db, ctx->arena, &in, NULL);
}

struct result session_end(struct context *ctx, const struct session *by,
	const struct session_ending *ending, bool *ended)
{
	const bool one = ending->which == SESSION_ONE;
	const struct record_asker asker = record_asker(ctx);
	const struct q_web_session_end_in in = {.what = one ? "session" : "others",
		.subject_id = by->subject_id,
		.session_id = one ? ending->session_id : by->session_id,
		.cause = ending->cause,
		.actor_id = by->actor_id,
		.address = asker.address,
		.device = asker.device,
		.user_agent = asker.user_agent,
		.correlation_id = asker.correlation_id};
	struct q_web_session_end_rows rows = {NULL, 0};
	TRY(q_web_session_end(ctx->db, ctx->arena, &in, &rows));
	*ended = rows.n > 0;
	return OK;
}

struct result session_end_own(struct context *ctx, const struct session *session, const char *cause)
{
	const struct session_ending ending = {SESSION_ONE, session->session_id, cause};
	bool ended = false;
	return session_end(ctx, session, &ending, &ended);
}

void session_forget_cookie(struct context *ctx)
{
	cookie_set(ctx, SESSION_COOKIE, "", COOKIE_GONE);
}
