/* SPDX-License-Identifier: Apache-2.0 */
/* The end-session endpoint: RP-Initiated Logout 1.0. */
#include "idp/base/log.h"
#include "idp/web/bounce.h"
#include "idp/web/keys.h"
#include "idp/web/logout_handle.h"
#include "idp/page/page.h"
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
	const char *how; /* for the audit log: "hint", "confirmed" */
};

/* A hint that is not ours, or by a key that was removed, counts as none: the citizen is asked. */
static struct result read_hint(struct context *ctx, struct logout *l)
{
	AUTO_JSON json_t *claims = NULL;
	enum jose_verdict verdict = JOSE_MALFORMED;
	if (!l->request.id_token_hint)
		return OK;
	TRY(web_keys_verify(ctx, l->request.id_token_hint, NULL, &verdict, &claims));
	if (verdict != JOSE_GOOD ||
		!logout_read_hint(ctx->arena, claims, ctx->settings->issuer, &l->hint))
		log_info("logout.hint_refused", "reason", jose_verdict_text(verdict),
			"correlation_id", ctx->request->correlation_id);
	return OK;
}

/* The client from memory; the session, and whom the hint was about, by one query. */
static struct result load(struct context *ctx, struct logout *l)
{
	const char *client_id = logout_client_id(&l->request, &l->hint);
	const struct registered *registered = NULL;
	const struct session_cookie cookie = session_cookie(ctx);
	const bool hint = str_is_uuid(l->hint.grant_id);
	const struct handle_span span =
		hint ? handle_uuid_span(l->hint.grant_id) : (struct handle_span){0, 0};
	const struct q_web_logout_load_in in = {.token_hash = cookie.token_hash,
		.from_ms = cookie.span.from_ms,
		.until_ms = cookie.span.until_ms,
		.idle_s = ctx->settings->session_idle_s,
		.client_id = client_id,
		.grant_id = hint ? l->hint.grant_id : NULL,
		.grant_from_ms = span.from_ms,
		.grant_until_ms = span.until_ms};
	const struct q_web_logout_load_row *row = NULL;
	TRY(clients_find(ctx, client_id, &registered));
	l->client = registered ? registered->client : NULL;
	if (!cookie.token_hash.data)
		return OK;
	TRY(q_web_logout_load(ctx->db, ctx->arena, &in, &row));
	if (!row)
		return OK;
	struct session *session = ARENA_NEW(ctx->arena, struct session);
	*session = (struct session){.session_id = row->session_id,
		.created_at = row->created_at,
		.subject_id = row->subject_id,
		.actor_id = row->actor_id,
		.authentication_id = row->authentication_id,
		.acr = row->acr,
		.amr = row->amr};
	l->session = session;
	l->hint_is_citizen = row->hint_subject_id && str_eq(row->hint_subject_id, row->subject_id);
	return OK;
}

static struct result show_fault(
	struct context *ctx, const struct logout *l, const struct error *fault)
{
	struct record_event event = {.kind = "logout",
		.outcome = "refused",
		.reason = error_name(fault->code),
		.client_id = l->client ? l->client->client_id : NULL,
		.session = l->session};
	TRY(record_write_or_count(ctx, &event));
	log_info("logout.refused", "client", event.client_id, "description", fault->logged,
		"correlation_id", ctx->request->correlation_id);
	page_error(ctx, 400, "error.logout", fault->description, "/");
	return OK;
}

static struct result ask(struct context *ctx, const struct logout *l)
{
	json_t *data = json_object();
	struct page page = {
		.name = "logout_confirm", .ui_locales = l->request.ui_locales, .data = data};
	struct logout_request kept = l->request;
	kept.client_id = l->client ? l->client->client_id : NULL;
	json_put(data, "handle", logout_handle_make(ctx, &kept));
	if (l->client) {
		bool thai = page_lang(ctx, l->request.ui_locales) == PAGE_TH;
		json_put(data, "client_name", thai ? l->client->name_th : l->client->name_en);
	}
	page_show(ctx, &page);
	return OK;
}

static struct result end(struct context *ctx, const struct logout *l, const char *location)
{
	const struct record_event event = {.kind = "logout",
		.outcome = "ok",
		.reason = l->how,
		.client_id = l->client ? l->client->client_id : NULL,
		.session = l->session};
	if (l->session) {
		TRY(session_end_own(ctx, l->session, "logout"));
		TRY(record_write(ctx, &event));
	}
	session_forget_cookie(ctx);
	if (location) {
		http_redirect(ctx->response, 303, location);
		http_add(ctx->response, "Cache-Control", "no-store");
		http_add(ctx->response, "Referrer-Policy", "no-referrer");
		return OK;
	}
	struct page page = {
		.name = "signed_out", .ui_locales = l->request.ui_locales, .data = json_object()};
	page_show(ctx, &page);
	return OK;
}

static struct result decide(struct context *ctx, struct logout *l, bool confirmed)
{
	struct logout_decision decision;
	struct logout_facts facts = {.client = l->client,
		.signed_in = l->session,
		.hint_is_citizen = l->hint_is_citizen,
		.confirmed = confirmed};
	struct logout_question question = {&l->request, &l->hint, &facts};
	logout_decide(ctx->arena, &question, &decision);
	if (decision.outcome == LOGOUT_PAGE)
		return show_fault(ctx, l, &decision.error);
	if (decision.outcome == LOGOUT_ASK)
		return ask(ctx, l);
	return end(ctx, l, decision.location);
}

static struct result handle_logout(struct context *ctx, struct logout *l)
{
	struct bounce_params sent = {NULL, PARAMS_OK};
	struct error fault = ERROR_ABSENT;
	bool bounced = false;
	TRY(bounce_params(ctx, &sent));
	if (!logout_parse(ctx->arena, sent.params, sent.verdict, &l->request, &fault))
		return show_fault(ctx, l, &fault);
	TRY(bounce_to_get(ctx, sent.params, &bounced));
	if (bounced)
		return OK;
	TRY(read_hint(ctx, l));
	TRY(load(ctx, l));
	l->how = "hint";
	return decide(ctx, l, false);
}

struct result ep_logout(struct context *ctx)
{
	struct logout l = {0};
	return handle_logout(ctx, &l);
}

static struct result handle_confirm(struct context *ctx, struct logout *l)
{
	const struct params *form = ctx->request->form;
	if (ctx->request->form_verdict != PARAMS_OK ||
		!logout_handle_read(ctx, params_value(form, "handle"), &l->request)) {
		page_error(ctx, 400, "error.logout", NULL, "/");
		return OK;
	}
	if (!str_eq(params_value(form, "choice"), "yes")) {
		http_redirect(ctx->response, 303, "/");
		return OK;
	}
	TRY(load(ctx, l));
	l->how = "confirmed";
	return decide(ctx, l, true);
}

struct result ep_logout_confirm(struct context *ctx)
{
	struct logout l = {0};
	return handle_confirm(ctx, &l);
}
