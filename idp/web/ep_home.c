/* SPDX-License-Identifier: Apache-2.0 */
/* GET /: a citizen's own page: who they are and where they are signed in. A sign-in begins for who
 * is signed out. */
#include "idp/web/flow.h"
#include "idp/web/disclosure.h"
#include "idp/page/page_text.h"
#include "queries_web.h"
#include <string.h>

static struct result begin(struct context *ctx)
{
	bool fits = false;
	return flow_begin(ctx, NULL, &fits);
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

static json_t *describe(
	struct context *ctx, const struct q_web_session_list_row *row, enum page_lang lang)
{
	struct arena *arena = ctx->arena;
	json_t *item = json_object();

	json_put(item, "session_id", row->session_id);
	json_put(item, "device", page_text_device(arena, lang, row->user_agent));
	json_put(item, "since", page_text_when(arena, lang, row->auth_time_s));
	json_put(item, "seen", page_text_when(arena, lang, row->last_seen_s));
	json_put(item, "address", row->address ? row->address : "–");
	json_put_new(item, "agencies", agency_names(row->agencies, lang));
	return item;
}

static struct result put_sessions(
	struct context *ctx, const struct session *session, enum page_lang lang, json_t *data)
{
	const struct q_web_session_list_in in = {
		session->subject_id, ctx->settings->session_idle_s};
	struct q_web_session_list_rows rows = {NULL, 0};
	json_t *others = json_array();

	json_put_new(data, "others", others);
	TRY(q_web_session_list(ctx->db, ctx->arena, &in, &rows));
	for (size_t i = 0; i < rows.n; i++) {
		json_t *item = describe(ctx, &rows.items[i], lang);
		if (str_eq(rows.items[i].session_id, session->session_id)) {
			json_put_new(data, "this", item);
			continue;
		}
		json_put_flag(item, "other", true);
		json_array_append_new(others, item);
	}
	json_put_flag(data, "has_others", json_array_size(others) > 0);
	return OK;
}

/* What acts in the citizen's name, also where no session lives. */
static struct result put_agencies(
	struct context *ctx, const struct session *session, enum page_lang lang, json_t *data)
{
	const struct q_web_agency_list_in in = {session->subject_id, ctx->settings->session_idle_s};
	struct q_web_agency_list_rows rows = {NULL, 0};
	json_t *connected = json_array();

	json_put_new(data, "connected", connected);
	TRY(q_web_agency_list(ctx->db, ctx->arena, &in, &rows));
	for (size_t i = 0; i < rows.n; i++) {
		const struct q_web_agency_list_row *row = &rows.items[i];
		const char *name = lang == PAGE_TH ? row->name_th : row->name_en;
		json_t *item = json_object();
		name = name ? name : row->name;
		json_put(item, "client_id", row->client_id);
		json_put(item, "agency_name", name ? name : row->client_id);
		json_put(item, "since", page_text_when(ctx->arena, lang, row->since_s));
		json_put_flag(item, "offline", row->offline);
		json_array_append_new(connected, item);
	}
	return OK;
}

static struct result put_name(struct context *ctx, const struct session *session, json_t *data)
{
	AUTO_JSON json_t *claims = NULL;
	if (session->claims)
		TRY(json_parse(session->claims, strlen(session->claims), &claims, NULL));
	const char *name = disclosure_name(ctx->arena, claims);
	json_put(data, "name", name ? name : "");
	return OK;
}

/* What has just been done, as ep_session_end puts it in the address. */
static const char *notice(const struct context *ctx)
{
	const char *ended = params_value(ctx->request->query, "ended");

	if (!ended)
		return NULL;
	if (str_eq(ended, "agency"))
		return "home.disconnected";
	return str_eq(ended, "1") ? "home.ended" : "home.gone";
}

struct result ep_home(struct context *ctx)
{
	const struct session *session = NULL;
	AUTO_JSON json_t *data = NULL;
	struct page page = {.name = "home", .isolated = true};

	TRY(session_load(ctx, NULL, &session));
	if (!session)
		return begin(ctx);
	TRY(session_touch(ctx, session));
	data = json_object();
	json_put(data, "notice_key", notice(ctx));
	json_put(data, "return_to", "/");
	TRY(put_name(ctx, session, data));
	TRY(put_agencies(ctx, session, page_lang(ctx, NULL), data));
	TRY(put_sessions(ctx, session, page_lang(ctx, NULL), data));
	page.data = json_incref(data);
	page_show(ctx, &page);
	return OK;
}
