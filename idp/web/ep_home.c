/* SPDX-License-Identifier: Apache-2.0 */
/* GET /: a citizen's own page, who they are and where they are signed in; signed out, a sign-in
 * begins. */
#include "idp/web/flow.h"
#include "idp/web/learn.h"
#include "idp/page/page_text.h"
#include "queries_web.h"
#include <string.h>

static struct result begin(struct context *ctx)
{
	AUTO_JSON json_t *request = json_object();
	const char *handle = NULL;

	TRY(flow_start(ctx, NULL, request, &handle));
	http_redirect(ctx->response, 303, arena_printf(ctx->arena, "/signin?t=%s", handle));
	http_add(ctx->response, "Cache-Control", "no-store");
	return OK;
}

/* The names of agencies in the page's language, from [{name, th, en}]. */
static json_t *agency_names(const char *text, enum page_lang lang)
{
	AUTO_JSON json_t *agencies = NULL;
	json_t *names = json_array();

	if (!text || json_parse(text, strlen(text), &agencies, NULL).err != ERR_NONE)
		return names;
	for (size_t i = 0; i < json_array_size(agencies); i++) {
		const json_t *one = json_array_get(agencies, i);
		const char *name = json_str(one, page_lang_code(lang));
		name = name ? name : json_str(one, "name");
		if (name)
			json_array_append_new(names, json_string(name));
	}
	return names;
}

static json_t *describe(struct context *ctx, const struct rows *rows, int row, enum page_lang lang)
{
	struct arena *arena = ctx->arena;
	const char *address = rows_text(rows, row, "address");
	json_t *item = json_object();

	json_put(item, "session_id", rows_text(rows, row, "session_id"));
	json_put(item, "device", page_text_device(arena, lang, rows_text(rows, row, "user_agent")));
	json_put(
		item, "since", page_text_when(arena, lang, rows_int(rows, row, "created_at_s", 0)));
	json_put(item, "seen", page_text_when(arena, lang, rows_int(rows, row, "last_seen_s", 0)));
	json_put(item, "address", address ? address : "–");
	json_put_new(item, "agencies", agency_names(rows_text(rows, row, "agencies"), lang));
	return item;
}

static struct result put_sessions(
	struct context *ctx, const struct session *session, enum page_lang lang, json_t *data)
{
	struct db_args args = db_args(ctx->arena);
	AUTO_ROWS struct rows *rows = NULL;
	json_t *others = json_array();

	json_put_new(data, "others", others);
	db_text(&args, session->citizen_id);
	db_int(&args, ctx->settings->session_idle_s);
	TRY(db_query(ctx->db, &q_web_session_list, &args, &rows));
	for (int i = 0; i < rows_n(rows); i++) {
		json_t *item = describe(ctx, rows, i, lang);
		if (str_eq(json_str(item, "session_id"), session->session_id)) {
			json_put_new(data, "this", item);
			continue;
		}
		json_put_flag(item, "other", true);
		json_array_append_new(others, item);
	}
	json_put_flag(data, "has_others", json_array_size(others) > 0);
	return OK;
}

static struct result put_name(struct context *ctx, const struct session *session, json_t *data)
{
	struct db_args args = db_args(ctx->arena);
	AUTO_ROWS struct rows *rows = NULL;
	AUTO_JSON json_t *claims = NULL;
	const char *text = NULL;
	const char *name = NULL;

	db_text(&args, session->citizen_id);
	TRY(db_query(ctx->db, &q_web_citizen_claims, &args, &rows));
	text = rows_n(rows) == 1 ? rows_text(rows, 0, "claims") : NULL;
	if (text)
		TRY(json_parse(text, strlen(text), &claims, NULL));
	name = learn_name(ctx->arena, claims);
	json_put(data, "name", name ? name : "");
	return OK;
}

/* What has just been done, as ep_session_end says it in the address. */
static const char *notice(const struct context *ctx)
{
	const char *ended = params_value(ctx->request->query, "ended");

	if (!ended)
		return NULL;
	return str_eq(ended, "1") ? "home.ended" : "home.gone";
}

struct result ep_home(struct context *ctx)
{
	const struct session *session = NULL;
	AUTO_JSON json_t *data = NULL;
	struct page page = {.name = "home", .isolated = true};

	TRY(session_load(ctx, &session));
	if (!session)
		return begin(ctx);
	data = json_object();
	json_put(data, "notice_key", notice(ctx));
	json_put(data, "return_to", "/");
	TRY(put_name(ctx, session, data));
	TRY(put_sessions(ctx, session, page_lang(ctx, NULL), data));
	page.data = json_incref(data);
	page_show(ctx, &page);
	return OK;
}
