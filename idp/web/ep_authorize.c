/* SPDX-License-Identifier: Apache-2.0 */
/* The authorization endpoint: OIDC Core s3.1.2, RFC 6749 s3.1. */
#include "idp/base/log.h"
#include "idp/web/bounce.h"
#include "idp/web/flow.h"
#include "idp/web/grant.h"
#include "idp/web/keys.h"
#include "idp/web/page.h"
#include "idp/web/record.h"
#include "queries_web.h"
#include <string.h>

struct authorize {
	const struct params *params;
	enum params_verdict came;
	const struct client *client;
	const struct session *session;
	struct authz_parsed parsed;
	struct grant grant;
};

/* One query brings the client, the session and the consent on record. */
static struct result load(struct web *web, struct authorize *a)
{
	AUTO_ROWS struct rows *rows = NULL;
	AUTO_JSON json_t *metadata = NULL;
	struct db_args args = db_args(web->arena);
	db_text(&args, authz_request_client_id(a->params));
	db_bytes(&args, session_token_hash(web), SHA256_LEN);
	db_int(&args, web->settings->session_idle_s);
	TRY(db_query(web->db, &q_web_authorize_load, &args, &rows));
	if (rows_n(rows) != 1)
		FAIL(ERR_DB);
	session_from_row(web, rows, 0, &a->session);
	grant_remembered(web, rows, &a->grant);
	const char *text = rows_text(rows, 0, "client");
	if (!text)
		return OK;
	TRY(json_parse(text, strlen(text), &metadata, NULL));
	return client_parse(web->arena, metadata, &a->client, NULL);
}

/* s3.1.2.1: whom the hint names; its age does not matter. */
static struct result check_hint(struct web *web, struct authorize *a)
{
	const char *hint = a->parsed.request.id_token_hint;
	AUTO_JSON json_t *claims = NULL;
	enum jose_verdict verdict = JOSE_MALFORMED;
	if (a->parsed.verdict != AUTHZ_GOOD || !hint)
		return OK;
	TRY(web_keys_verify(web, hint, NULL, &verdict, &claims));
	enum authz_hint became = verdict == JOSE_GOOD          ? AUTHZ_HINT_GOOD
				 : verdict == JOSE_KEY_UNKNOWN ? AUTHZ_HINT_STALE
							       : AUTHZ_HINT_BAD;
	authz_request_hint(web->arena, &a->parsed, became, claims, web->settings->issuer);
	return OK;
}

static struct result record_refusal(struct web *web, const struct authorize *a, const char *reason)
{
	struct record_event event = {.kind = "authorize",
		.outcome = "refused",
		.reason = reason,
		.client_id = a->client ? a->client->client_id : NULL,
		.session = a->session};
	return record_write(web, &event);
}

static struct result answer_page(struct web *web, const struct authorize *a)
{
	const struct authz_parsed *parsed = &a->parsed;
	TRY(record_refusal(web, a, parsed->page_key + strlen("error.")));
	log_info("authorize.refused", "client", a->client ? a->client->client_id : NULL, "error",
		parsed->page_key, "description", parsed->error.logged, "correlation_id",
		web->request->correlation_id);
	page_error(web, 400, parsed->page_key, parsed->error.description, NULL);
	return OK;
}

static struct result answer_error(
	struct web *web, const struct authorize *a, const struct error *error)
{
	TRY(record_refusal(web, a, error_name(error->code)));
	grant_answer_error(web, &a->parsed.request, error);
	return OK;
}

static struct result begin_flow(struct web *web, const struct authorize *a)
{
	const char *handle = NULL;
	TRY(flow_start_for(web, &a->parsed.request, &handle));
	flow_show(web, handle);
	return OK;
}

static struct result drop_session(struct web *web, struct authorize *a)
{
	bool ended = false;
	TRY(session_end(web, a->session, a->session->session_id, "ticket_refused", &ended));
	session_forget_cookie(web);
	a->session = NULL;
	a->grant.session = NULL;
	return OK;
}

/* Decide, and do what was decided. A session that turns out to be of no use is dropped, and it is
 * decided once more without it. */
static struct result decide(struct web *web, struct authorize *a)
{
	struct authz_decision decision;
	enum grant_outcome outcome = GRANT_SPENT;
	TRY(grant_judge(web, &a->grant, &decision));
	if (decision.outcome == AUTHZ_ISSUE) {
		TRY(grant_issue(web, &a->grant, &decision, &outcome));
		if (outcome == GRANT_ISSUED)
			return OK;
		TRY(drop_session(web, a));
		TRY(grant_judge(web, &a->grant, &decision));
	}
	if (bounce_to_get(web, a->params))
		return OK;
	if (decision.outcome == AUTHZ_ERROR)
		return answer_error(web, a, &decision.error);
	return begin_flow(web, a);
}

static struct result handle(struct web *web, struct authorize *a)
{
	TRY(load(web, a));
	authz_request_parse(web->arena, a->params, a->came, a->client, &a->parsed);
	TRY(check_hint(web, a));
	a->grant.request = &a->parsed.request;
	a->grant.client = a->client;
	a->grant.session = a->session;
	if (a->parsed.verdict == AUTHZ_PAGE)
		return answer_page(web, a);
	if (a->parsed.verdict == AUTHZ_REDIRECT)
		return answer_error(web, a, &a->parsed.error);
	return decide(web, a);
}

struct result ep_authorize(struct web *web)
{
	bool post = web->request->method == HTTP_POST;
	struct authorize a = {.params = post ? web->request->form : web->request->query,
		.came = post ? web->request->form_verdict : web->request->query_verdict};
	struct result result = handle(web, &a);
	client_free(a.client);
	return result;
}
