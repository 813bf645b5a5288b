/* SPDX-License-Identifier: Apache-2.0 */
/* The end-session endpoint: RP-Initiated Logout 1.0. */
#include "idp/base/log.h"
#include "idp/web/bounce.h"
#include "idp/web/form_origins.h"
#include "idp/web/keys.h"
#include "idp/web/logout_handle.h"
#include "idp/web/page.h"
#include "idp/web/record.h"
#include "oidc/logout.h"
#include "queries_web.h"
#include <string.h>

struct logout {
	struct logout_request request;
	struct logout_hint hint;
	const struct client *client;
	const struct session *session;
	bool hint_is_citizen;
	const char *how; /* for the record: "hint", "confirmed" */
};

/* A hint that is not ours, or by a key that is gone, is as good as none: the citizen is asked. */
static struct result read_hint(struct web *web, struct logout *l)
{
	AUTO_JSON json_t *claims = NULL;
	enum jose_verdict verdict = JOSE_MALFORMED;
	if (!l->request.id_token_hint)
		return OK;
	TRY(web_keys_verify(web, l->request.id_token_hint, NULL, &verdict, &claims));
	if (verdict != JOSE_GOOD ||
		!logout_read_hint(web->arena, claims, web->settings->issuer, &l->hint))
		log_info("logout.hint_refused", "reason", jose_verdict_text(verdict),
			"correlation_id", web->request->correlation_id);
	return OK;
}

static struct result load(struct web *web, struct logout *l)
{
	AUTO_ROWS struct rows *rows = NULL;
	AUTO_JSON json_t *metadata = NULL;
	struct db_args args = db_args(web->arena);
	db_text(&args, logout_client_id(&l->request, &l->hint));
	db_bytes(&args, session_token_hash(web), SHA256_LEN);
	db_int(&args, web->settings->session_idle_s);
	db_text(&args, l->hint.grant_id);
	TRY(db_query(web->db, &q_web_logout_load, &args, &rows));
	if (rows_n(rows) < 1)
		FAIL(ERR_DB);
	session_from_row(web, rows, 0, &l->session);
	l->hint_is_citizen =
		l->session && str_eq(rows_text(rows, 0, "hint_citizen_id"), l->session->citizen_id);
	const char *text = rows_text(rows, 0, "client");
	if (!text)
		return OK;
	TRY(json_parse(text, strlen(text), &metadata, NULL));
	return client_parse(web->arena, metadata, &l->client, NULL);
}

static struct result show_fault(struct web *web, const struct logout *l, const struct error *fault)
{
	struct record_event event = {.kind = "logout",
		.outcome = "refused",
		.reason = error_name(fault->code),
		.client_id = l->client ? l->client->client_id : NULL,
		.session = l->session};
	TRY(record_write(web, &event));
	log_info("logout.refused", "client", event.client_id, "description", fault->logged,
		"correlation_id", web->request->correlation_id);
	page_error(web, 400, "error.logout", fault->description, "/");
	return OK;
}

static struct result ask(struct web *web, const struct logout *l)
{
	json_t *data = json_object();
	struct page page = {
		.name = "logout_confirm", .ui_locales = l->request.ui_locales, .data = data};
	struct logout_request kept = l->request;
	const char *back = kept.post_logout_redirect_uri;
	if (back && l->client && client_has_post_logout_redirect_uri(l->client, back))
		page.form_origins = form_origins(web->arena, l->client, back);
	kept.client_id = l->client ? l->client->client_id : NULL;
	json_put(data, "handle", logout_handle_make(web, &kept));
	if (l->client) {
		bool thai = page_lang(web, l->request.ui_locales) == PAGE_TH;
		json_put(data, "client_name", thai ? l->client->name_th : l->client->name_en);
	}
	page_show(web, &page);
	return OK;
}

static struct result end(struct web *web, const struct logout *l, const char *location)
{
	bool ended = false;
	struct record_event event = {.kind = "logout",
		.outcome = "ok",
		.reason = l->how,
		.client_id = l->client ? l->client->client_id : NULL,
		.session = l->session};
	if (l->session) {
		TRY(session_end(web, l->session, l->session->session_id, "logout", &ended));
		TRY(record_write(web, &event));
	}
	session_forget_cookie(web);
	if (location) {
		http_redirect(web->response, 303, location);
		http_add(web->response, "Cache-Control", "no-store");
		http_add(web->response, "Referrer-Policy", "no-referrer");
		return OK;
	}
	struct page page = {
		.name = "signed_out", .ui_locales = l->request.ui_locales, .data = json_object()};
	page_show(web, &page);
	return OK;
}

static struct result decide(struct web *web, struct logout *l, bool confirmed)
{
	struct logout_decision decision;
	struct logout_facts facts = {.client = l->client,
		.signed_in = l->session,
		.hint_is_citizen = l->hint_is_citizen,
		.confirmed = confirmed};
	struct logout_question question = {&l->request, &l->hint, &facts};
	logout_decide(web->arena, &question, &decision);
	if (decision.outcome == LOGOUT_PAGE)
		return show_fault(web, l, &decision.error);
	if (decision.outcome == LOGOUT_ASK)
		return ask(web, l);
	return end(web, l, decision.location);
}

static struct result handle_logout(struct web *web, struct logout *l)
{
	bool post = web->request->method == HTTP_POST;
	const struct params *params = post ? web->request->form : web->request->query;
	enum params_verdict came = post ? web->request->form_verdict : web->request->query_verdict;
	struct error fault = ERROR_ABSENT;
	if (!logout_parse(web->arena, params, came, &l->request, &fault))
		return show_fault(web, l, &fault);
	if (bounce_to_get(web, params))
		return OK;
	TRY(read_hint(web, l));
	TRY(load(web, l));
	l->how = "hint";
	return decide(web, l, false);
}

struct result ep_logout(struct web *web)
{
	struct logout l = {0};
	struct result result = handle_logout(web, &l);
	client_free(l.client);
	return result;
}

static struct result handle_confirm(struct web *web, struct logout *l)
{
	const struct params *form = web->request->form;
	if (web->request->form_verdict != PARAMS_OK ||
		!logout_handle_read(web, params_value(form, "handle"), &l->request)) {
		page_error(web, 400, "error.logout", NULL, "/");
		return OK;
	}
	if (!str_eq(params_value(form, "choice"), "yes")) {
		http_redirect(web->response, 303, "/");
		return OK;
	}
	TRY(load(web, l));
	l->how = "confirmed";
	return decide(web, l, true);
}

struct result ep_logout_confirm(struct web *web)
{
	struct logout l = {0};
	struct result result = handle_confirm(web, &l);
	client_free(l.client);
	return result;
}
