/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/grant.h"
#include "idp/base/log.h"
#include "idp/page/page.h"
#include "idp/web/record.h"
#include "oidc/grant_type.h"
#include "oidc/scope.h"
#include "queries_web.h"
#include <string.h>

#define ID_ROOM 64 /* bytes of a description that are kept for the correlation id */

bool grant_stage_done(const json_t *stage, const char *name, const struct session *session)
{
	const char *by = json_str(stage, name);
	return session && by && str_eq(by, session->session_id);
}

bool grant_needs_consent_record(const struct grant *grant)
{
	const struct client *client = grant->registered->client;
	return client->require_consent || (grant->request->prompt & AUTHZ_PROMPT_CONSENT);
}

/* The vault's gate for the national ID is the ticket's scope: a claim asked for by name opens it
 * too. */
static const char *bound_scope(struct context *ctx, const struct claims_grant *granted)
{
	const char *scope = str_join(ctx->arena, &granted->scope, " ");
	const bool asked = claims_has_national_id(granted, CLAIMS_ID_TOKEN) ||
			   claims_has_national_id(granted, CLAIMS_USERINFO);
	if (!asked || str_list_has(&granted->scope, SCOPE_NATIONAL_ID))
		return scope;
	return arena_printf(ctx->arena, "%s %s", scope, SCOPE_NATIONAL_ID);
}

/* The sub by which the client knows this citizen: only the vault can tell, and a binding does. */
static struct result ask_sub(
	struct context *ctx, const struct grant *grant, const char **out, bool *changed)
{
	const struct signin_bind in = {.client_id = grant->request->client_id,
		.client_version = grant->registered->version,
		.scope = SCOPE_OPENID,
		.grant_id = grant->id,
		.expires_at_s = grant->session->expires_at_s};
	struct signin_bound bound = {0};
	TRY(signin_vault_bind(ctx, grant->session->ticket, &in, &bound));
	*out = bound.outcome == VAULT_OK ? bound.sub : NULL;
	*changed = bound.outcome == VAULT_CHANGED;
	if (*changed)
		clients_forget(web_of(ctx)->clients, grant->request->client_id);
	return OK;
}

/* The names in a member of the transaction. */
static struct str_list stage_names(struct arena *arena, const json_t *stage, const char *key)
{
	const json_t *array = json_arr(stage, key);
	const char **items = ARENA_ARRAY(arena, const char *, json_array_size(array) + 1);
	struct str_list list = {items, 0};
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *name = json_string_value(json_array_get(array, i));
		if (name)
			items[list.n++] = arena_strdup(arena, name);
	}
	return list;
}

static void session_facts(const struct session *session, struct authz_facts *facts)
{
	facts->signed_in = true;
	facts->auth_time_s = session->auth_time_s;
	facts->acr = session->acr;
	facts->remembered_scope = session->consent.scope;
	facts->remembered_claims = session->consent.claims;
	facts->remembered_shown = session->consent.shown;
	facts->remembered_exact = session->consent.shown_known;
}

struct result grant_judge(
	struct context *ctx, const struct grant *grant, bool *changed, struct authz_decision *out)
{
	const struct session *session = grant->session;
	AUTO_JSON json_t *stored = NULL;
	struct authz_facts facts = {
		.authenticated = grant_stage_done(grant->stage, "authenticated", session),
		.account_chosen = grant_stage_done(grant->stage, "account", session),
		.consented = grant_stage_done(grant->stage, "consented", session),
		.shown = stage_names(ctx->arena, grant->stage, "shown"),
		.other_account = json_flag(grant->stage, "other_account", false)};
	*changed = false;
	if (session)
		session_facts(session, &facts);
	if (session && session->claims)
		TRY(json_parse(session->claims, strlen(session->claims), &stored, NULL));
	facts.stored = stored;
	if (session && authz_decide_needs_sub(grant->request))
		TRY(ask_sub(ctx, grant, &facts.sub, changed));
	if (*changed)
		return OK;
	const struct authz_question question = {
		grant->request, grant->registered->client, &facts, ctx->now_s};
	authz_decide(ctx->arena, &question, out);
	return OK;
}

struct grant_code grant_code_new(
	struct context *ctx, const struct grant *grant, const struct authz_decision *decision)
{
	AUTO_JSON json_t *claims = claims_grant_to_json(&decision->grant);
	const char *code = handle_new(&ctx->rng, ctx->arena, ctx->now_ms);
	const int64_t by_session_s = grant->session
					     ? grant->session->expires_at_s
					     : ctx->now_s + ctx->settings->session_absolute_s;
	return (struct grant_code){
		.code = code,
		.hash = {crypto_sha256_text(ctx->arena, code), SHA256_LEN},
		.made_ms = ctx->now_ms,
		.bind = {.client_id = grant->request->client_id,
			.client_version = grant->registered->version,
			.scope = bound_scope(ctx, &decision->grant),
			.grant_id = grant->id,
			.expires_at_s = decision->offline
						? ctx->now_s + ctx->settings->refresh_token_ttl_s
						: by_session_s},
		.claims = json_text(ctx->arena, claims),
	};
}

/* A JSON array of those names that are beyond the scopes, or of all that were shown. */
static const char *names_json(struct context *ctx, const struct str_list *names)
{
	AUTO_JSON json_t *array = json_array();
	for (size_t i = 0; i < names->n; i++)
		json_array_append_new(array, json_string(names->items[i]));
	return json_text(ctx->arena, array);
}

/* One statement: grant, code, consent and record. */
struct issue {
	const struct grant *grant;
	const struct authz_decision *decision;
	struct grant_code code;
	struct signin_bound bound;
};

static struct result store(struct context *ctx, const struct issue *issue, bool *issued)
{
	const struct grant *grant = issue->grant;
	const struct grant_code *code = &issue->code;
	const struct signin_bound *bound = &issue->bound;
	const struct session *session = grant->session;
	const struct claims_grant *granted = &issue->decision->grant;
	const struct str_list beyond = claims_beyond_scope(ctx->arena, granted);
	const struct record_asker asker = record_asker(ctx);
	const struct handle_span session_span = handle_uuid_span(session->session_id);
	const struct q_web_code_issue_in in = {.session_id = session->session_id,
		.session_created_at = session->created_at,
		.session_from_ms = session_span.from_ms,
		.session_until_ms = session_span.until_ms,
		.idle_s = ctx->settings->session_idle_s,
		.client_id = code->bind.client_id,
		.client_version = code->bind.client_version,
		.grant_id = grant->id,
		.grant_ms = handle_uuid_span(grant->id).from_ms,
		.sub = bound->sub,
		.scope = str_join(ctx->arena, &granted->scope, " "),
		.claims = code->claims,
		.ticket = bound->grant_ticket,
		.offline = issue->decision->offline,
		.expires_at_s = code->bind.expires_at_s,
		.code_hash = code->hash,
		.code_ms = code->made_ms,
		.code_ttl_s = ctx->settings->code_ttl_s,
		.redirect_uri = grant->request->redirect_uri,
		.code_challenge = grant->request->code_challenge,
		.nonce = grant->request->nonce,
		.consented = grant_stage_done(grant->stage, "consented", session),
		.consent_claims = names_json(ctx, &beyond),
		.consent_shown = granted->shown_only ? names_json(ctx, &granted->shown) : NULL,
		.address = asker.address,
		.device = asker.device,
		.user_agent = asker.user_agent,
		.correlation_id = asker.correlation_id};
	const struct q_web_code_issue_row *row = NULL;
	TRY(q_web_code_issue(ctx->db, ctx->arena, &in, &row));
	*issued = row != NULL;
	return OK;
}

/* Nothing was issued: a client that changed is read again before the next decision. *out is fits
 * where nothing changed. */
static struct result find_why(struct context *ctx, const struct grant *grant,
	enum grant_outcome fits, enum grant_outcome *out)
{
	const struct q_web_issue_why_in in = {.session_id = grant->session->session_id,
		.session_created_at = grant->session->created_at,
		.idle_s = ctx->settings->session_idle_s,
		.client_id = grant->request->client_id,
		.client_version = grant->registered->version,
		.grant_id = grant->id,
		.grant_ms = handle_uuid_span(grant->id).from_ms};
	struct q_web_issue_why_row why = {0};
	TRY(q_web_issue_why(ctx->db, ctx->arena, &in, &why));
	if (!why.client_fits)
		clients_forget(web_of(ctx)->clients, grant->request->client_id);
	if (why.spent)
		*out = GRANT_SPENT;
	else
		*out = why.session_lives ? fits : GRANT_CHANGED;
	return OK;
}

/* The vault did not bind: to a client that is not as it was read, or by a ticket that is not its
 * own. Only the latter is the session's fault. */
static struct result not_bound(struct context *ctx, const struct grant *grant,
	enum vault_outcome outcome, enum grant_outcome *out)
{
	if (outcome == VAULT_CHANGED) {
		clients_forget(web_of(ctx)->clients, grant->request->client_id);
		*out = GRANT_CHANGED;
		return OK;
	}
	TRY(find_why(ctx, grant, GRANT_REFUSED, out));
	if (*out == GRANT_REFUSED)
		log_warn("authorize.ticket_refused", "session", grant->session->session_id,
			"correlation_id", ctx->request->correlation_id);
	return OK;
}

struct result grant_issue(struct context *ctx, const struct grant *grant,
	const struct authz_decision *decision, enum grant_outcome *out)
{
	struct issue issue = {
		.grant = grant, .decision = decision, .code = grant_code_new(ctx, grant, decision)};
	bool issued = false;
	TRY(signin_vault_bind(ctx, grant->session->ticket, &issue.code.bind, &issue.bound));
	if (issue.bound.outcome != VAULT_OK)
		return not_bound(ctx, grant, issue.bound.outcome, out);
	TRY(store(ctx, &issue, &issued));
	if (!issued)
		return find_why(ctx, grant, GRANT_CHANGED, out);
	*out = GRANT_ISSUED;
	grant_answer_code(ctx, grant->request, issue.code.code);
	return OK;
}

/* OAuth 2.0 Form Post Response Mode s2. */
static void answer_form(struct context *ctx, const struct authz_request *request,
	const struct authz_response *response)
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
		.auto_submit = true,
		.data = data};
	page_show(ctx, &page);
}

static void answer(struct context *ctx, const struct authz_request *request,
	const struct authz_response *response)
{
	if (response->mode == AUTHZ_MODE_FORM_POST) {
		answer_form(ctx, request, response);
		return;
	}
	http_redirect(ctx->response, 303, authz_response_location(ctx->arena, response));
	http_add(ctx->response, "Cache-Control", "no-store");
	http_add(ctx->response, "Referrer-Policy", "no-referrer");
}

void grant_answer_code(struct context *ctx, const struct authz_request *request, const char *code)
{
	const struct authz_response response =
		authz_response_code(request, ctx->settings->issuer, code);
	answer(ctx, request, &response);
}

void grant_answer_error(struct context *ctx, const struct client *client,
	const struct authz_request *request, const struct error *error)
{
	/* The agency sees no header of this answer: the id goes with the words. */
	struct error traced = error_make(ctx->arena, error->code, "%.*s (correlation_id %s)",
		ERROR_DESCRIPTION_MAX - ID_ROOM, error->description, ctx->request->correlation_id);
	const char *issuer = authz_response_error_issuer(client, ctx->settings->issuer);
	const struct authz_response response = authz_response_error(request, issuer, &traced);
	log_info("authorize.refused", "client", request->client_id, "error",
		error_name(error->code), "description", error->logged, "correlation_id",
		ctx->request->correlation_id);
	answer(ctx, request, &response);
}
