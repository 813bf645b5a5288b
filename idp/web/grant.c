/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/grant.h"
#include "idp/web/form_origins.h"
#include "idp/base/log.h"
#include "idp/web/page.h"
#include "idp/web/record.h"
#include "oidc/scope.h"
#include "queries_web.h"
#include <string.h>

#define ID_ROOM 64 /* bytes of a description that are kept for the correlation id */

bool grant_stage_done(const json_t *stage, const char *name, const struct session *session)
{
	const char *by = json_str(stage, name);
	return session && by && str_eq(by, session->session_id);
}

void grant_remembered(struct web *web, const struct rows *rows, struct grant *grant)
{
	const char *scope = arena_strdup(web->arena, rows_text(rows, 0, "remembered_scope"));
	const char *claims = rows_text(rows, 0, "remembered_claims");
	AUTO_JSON json_t *names = NULL;
	grant->remembered_scope = str_split(web->arena, scope, ' ');
	if (!claims || json_parse(claims, strlen(claims), &names, NULL).err != ERR_NONE)
		return;
	const char **items = ARENA_ARRAY(web->arena, const char *, json_array_size(names) + 1);
	struct str_list *list = &grant->remembered_claims;
	list->items = items;
	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));
		if (name)
			items[list->n++] = arena_strdup(web->arena, name);
	}
}

/* The vault's gate for the national ID is the ticket's scope: a claim asked for by name opens it
 * too. */
static const char *bound_scope(struct web *web, const struct claims_grant *granted)
{
	const char *scope = str_join(web->arena, &granted->scope, " ");
	bool asked = claims_has_national_id(granted, CLAIMS_ID_TOKEN) ||
		     claims_has_national_id(granted, CLAIMS_USERINFO);
	if (!asked || str_list_has(&granted->scope, SCOPE_NATIONAL_ID))
		return scope;
	return arena_printf(web->arena, "%s %s", scope, SCOPE_NATIONAL_ID);
}

/* The sub by which the client knows this citizen: only the vault can say, and a binding says it.
 */
static struct result ask_sub(struct web *web, const struct grant *grant, const char **out)
{
	struct vault_bind_request in = {.ticket = grant->session->ticket,
		.client_id = grant->client->client_id,
		.scope = SCOPE_OPENID,
		.expires_at_s = grant->session->expires_at_s};
	struct vault_bind bound = {0};
	TRY(vault_bind(web, &in, &bound));
	*out = bound.outcome == VAULT_OK ? bound.sub : NULL;
	return OK;
}

struct result grant_judge(struct web *web, const struct grant *grant, struct authz_decision *out)
{
	const struct session *session = grant->session;
	struct authz_facts facts = {.signed_in = session,
		.remembered_scope = grant->remembered_scope,
		.remembered_claims = grant->remembered_claims,
		.authenticated = grant_stage_done(grant->stage, "authenticated", session),
		.account_chosen = grant_stage_done(grant->stage, "account", session),
		.consented = grant_stage_done(grant->stage, "consented", session),
		.other_account = json_flag(grant->stage, "other_account", false)};
	if (session) {
		facts.auth_time_s = session->auth_time_s;
		facts.acr = session->acr;
	}
	if (session && authz_decide_needs_sub(grant->request))
		TRY(ask_sub(web, grant, &facts.sub));
	struct authz_question question = {grant->request, grant->client, &facts, web->now_s};
	authz_decide(web->arena, &question, out);
	return OK;
}

static const char *consent_claims(struct web *web, const struct claims_grant *granted)
{
	struct str_list names = claims_beyond_scope(web->arena, granted);
	AUTO_JSON json_t *array = json_array();
	for (size_t i = 0; i < names.n; i++)
		json_array_append_new(array, json_string(names.items[i]));
	return json_text(web->arena, array);
}

/* One statement: grant, code, consent, record, the transaction's end. */
struct issue {
	const struct grant *grant;
	const struct authz_decision *decision;
	const struct vault_bind *bound;
	const char *code;
	int64_t expires_at_s;
};

static struct result store(struct web *web, const struct issue *issue, bool *issued)
{
	const struct grant *grant = issue->grant;
	const struct session *session = grant->session;
	const struct claims_grant *granted = &issue->decision->grant;
	AUTO_JSON json_t *claims = claims_to_json(&granted->request);
	AUTO_ROWS struct rows *rows = NULL;
	struct db_args args = db_args(web->arena);
	db_bytes(&args, grant->handle_hash, SHA256_LEN);
	db_bytes(&args, grant->handle_hash ? device_hash(web) : NULL, SHA256_LEN);
	db_text(&args, session->session_id);
	db_text(&args, issue->bound->grant_id);
	db_text(&args, grant->client->client_id);
	db_text(&args, session->citizen_id);
	db_text(&args, session->authentication_id);
	db_text(&args, issue->bound->sub);
	db_text(&args, str_join(web->arena, &granted->scope, " "));
	db_text(&args, json_text(web->arena, claims));
	db_text(&args, issue->bound->grant_ticket);
	db_bool(&args, issue->decision->offline);
	db_int(&args, issue->expires_at_s);
	db_bytes(&args, crypto_sha256_text(web->arena, issue->code), SHA256_LEN);
	db_text(&args, grant->request->redirect_uri);
	db_text(&args, grant->request->code_challenge);
	db_text(&args, grant->request->nonce);
	db_int(&args, web->settings->code_ttl_s);
	db_bool(&args, grant_stage_done(grant->stage, "consented", session));
	db_text(&args, consent_claims(web, granted));
	db_text(&args, session->acr);
	db_text(&args, db_text_array(web->arena, session->amr.items, session->amr.n));
	record_context(web, &args);
	TRY(db_query(web->db, &q_web_code_issue, &args, &rows));
	*issued = rows_n(rows) == 1;
	return OK;
}

struct result grant_issue(struct web *web, const struct grant *grant,
	const struct authz_decision *decision, enum grant_outcome *out)
{
	struct issue issue = {.grant = grant,
		.decision = decision,
		.code = rng_opaque(&web->rng, web->arena),
		.expires_at_s = decision->offline ? web->now_s + web->settings->refresh_token_ttl_s
						  : grant->session->expires_at_s};
	struct vault_bind_request in = {.ticket = grant->session->ticket,
		.client_id = grant->client->client_id,
		.scope = bound_scope(web, &decision->grant),
		.expires_at_s = issue.expires_at_s};
	struct vault_bind bound = {0};
	bool issued = false;
	TRY(vault_bind(web, &in, &bound));
	if (bound.outcome != VAULT_OK) {
		log_warn("authorize.ticket_refused", "session", grant->session->session_id,
			"correlation_id", web->request->correlation_id);
		*out = GRANT_REFUSED;
		return OK;
	}
	issue.bound = &bound;
	TRY(store(web, &issue, &issued));
	*out = issued ? GRANT_ISSUED : GRANT_SPENT;
	if (!issued)
		return OK;
	struct authz_response response =
		authz_response_code(grant->request, web->settings->issuer, issue.code);
	grant_answer(web, grant->request, &response);
	return OK;
}

/* OAuth 2.0 Form Post Response Mode s2. */
static void answer_form(
	struct web *web, const struct authz_request *request, const struct authz_response *response)
{
	json_t *data = json_object(), *fields = json_array();
	for (size_t i = 0; i < response->n; i++)
		json_array_append_new(
			fields, json_pack("{s:s, s:s}", "name", response->fields[i].name, "value",
					response->fields[i].value));
	json_put(data, "action", response->redirect_uri);
	json_put_new(data, "fields", fields);
	struct page page = {.name = "form_post",
		.ui_locales = request->ui_locales,
		.form_origins = form_origins(web->arena, NULL, response->redirect_uri),
		.auto_submit_action = response->redirect_uri,
		.data = data};
	page_show(web, &page);
}

void grant_answer(
	struct web *web, const struct authz_request *request, const struct authz_response *response)
{
	if (response->mode == AUTHZ_MODE_FORM_POST) {
		answer_form(web, request, response);
		return;
	}
	http_redirect(web->response, 303, authz_response_location(web->arena, response));
	http_add(web->response, "Cache-Control", "no-store");
	http_add(web->response, "Referrer-Policy", "no-referrer");
}

void grant_answer_error(
	struct web *web, const struct authz_request *request, const struct error *error)
{
	/* The agency sees no header of this answer: the id goes with the words. */
	struct error told = error_make(web->arena, error->code, "%.*s (correlation_id %s)",
		ERROR_DESCRIPTION_MAX - ID_ROOM, error->description, web->request->correlation_id);
	struct authz_response response =
		authz_response_error(request, web->settings->issuer, &told);
	log_info("authorize.refused", "client", request->client_id, "error",
		error_name(error->code), "description", error->logged, "correlation_id",
		web->request->correlation_id);
	grant_answer(web, request, &response);
}
