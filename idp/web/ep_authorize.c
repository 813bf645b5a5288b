/* SPDX-License-Identifier: Apache-2.0 */
/* The authorization endpoint: OIDC Core s3.1.2, RFC 6749 s3.1. Without a session it asks nothing of
 * the database. */
#include "idp/base/handle.h"
#include "idp/base/log.h"
#include "idp/page/page.h"
#include "idp/web/bounce.h"
#include "idp/web/flow.h"
#include "idp/web/keys.h"
#include "idp/web/record.h"
#include <string.h>

#define TRIES 3 /* of which the last is without a session */

struct authorize {
	struct bounce_params sent;
	const struct registered *registered; /* NULL: no such client */
	const struct session *session;
	struct authz_parsed parsed;
};

/* s3.1.2.1: whom the hint names; its age does not matter. */
static struct result check_hint(struct context *ctx, struct authorize *a)
{
	const char *hint = a->parsed.request.id_token_hint;
	AUTO_JSON json_t *claims = NULL;
	enum jose_verdict verdict = JOSE_MALFORMED;
	if (a->parsed.verdict != AUTHZ_GOOD || !hint)
		return OK;
	TRY(web_keys_verify(ctx, hint, NULL, &verdict, &claims));
	const enum authz_hint judged = verdict == JOSE_GOOD          ? AUTHZ_HINT_GOOD
				       : verdict == JOSE_KEY_UNKNOWN ? AUTHZ_HINT_STALE
								     : AUTHZ_HINT_BAD;
	authz_request_hint(ctx->arena, &a->parsed, judged, claims, ctx->settings->issuer);
	return OK;
}

static struct result record_refusal(
	struct context *ctx, const struct authorize *a, const char *reason)
{
	const struct record_event event = {.kind = "authorize",
		.outcome = "refused",
		.reason = reason,
		.client_id = a->registered ? a->registered->client->client_id : NULL,
		.session = a->session};
	return record_write_or_count(ctx, &event);
}

static struct result answer_page(struct context *ctx, const struct authorize *a)
{
	const struct authz_parsed *parsed = &a->parsed;
	TRY(record_refusal(ctx, a, parsed->page_key + strlen("error.")));
	log_info("authorize.refused", "client",
		a->registered ? a->registered->client->client_id : NULL, "error", parsed->page_key,
		"description", parsed->error.logged, "correlation_id",
		ctx->request->correlation_id);
	page_error(ctx, 400, parsed->page_key, parsed->error.description, NULL);
	return OK;
}

static struct result answer_error(
	struct context *ctx, const struct authorize *a, const struct error *error)
{
	TRY(record_refusal(ctx, a, error_name(error->code)));
	grant_answer_error(ctx, a->registered->client, &a->parsed.request, error);
	return OK;
}

/* A transaction travels in an address, so what it holds has a bound. */
static struct result begin(struct context *ctx, const struct authorize *a)
{
	bool fits = false;
	TRY(flow_begin(ctx, &a->parsed.request, &fits));
	if (fits)
		return OK;
	const struct error error = error_make(ctx->arena, ERROR_INVALID_REQUEST,
		"The request is too large: state, nonce, claims and login_hint together must be "
		"shorter.");
	return answer_error(ctx, a, &error);
}

/* *done: a code was sent. Otherwise client and session are as they are now, to decide once more. */
static struct result issue(struct context *ctx, struct authorize *a, const struct grant *grant,
	const struct authz_decision *decision, bool *done)
{
	enum grant_outcome outcome = GRANT_CHANGED;
	TRY(grant_issue(ctx, grant, decision, &outcome));
	*done = outcome == GRANT_ISSUED;
	if (*done)
		return OK;
	if (outcome == GRANT_REFUSED) {
		TRY(session_end_own(ctx, a->session, "ticket_refused"));
		session_forget_cookie(ctx);
	}
	return OK;
}

static struct result read(struct context *ctx, struct authorize *a)
{
	const char *client_id = authz_request_client_id(a->sent.params);
	TRY(clients_find(ctx, client_id, &a->registered));
	authz_request_parse(ctx->arena, a->sent.params, a->sent.verdict,
		a->registered ? a->registered->client : NULL, &a->parsed);
	return check_hint(ctx, a);
}

static struct result answer(
	struct context *ctx, const struct authorize *a, const struct authz_decision *decision)
{
	bool bounced = false;
	TRY(bounce_to_get(ctx, a->sent.params, &bounced));
	if (bounced)
		return OK;
	if (decision->outcome == AUTHZ_ERROR)
		return answer_error(ctx, a, &decision->error);
	return begin(ctx, a);
}

/* Decide, and do what was decided; once more if client or session turn out not to be as they were
 * read. *done false: try again. */
static struct result try_once(struct context *ctx, struct authorize *a, bool last, bool *done)
{
	struct authz_decision decision;
	bool changed = false;
	*done = true;
	TRY(read(ctx, a));
	if (a->parsed.verdict == AUTHZ_PAGE)
		return answer_page(ctx, a);
	if (a->parsed.verdict == AUTHZ_REDIRECT)
		return answer_error(ctx, a, &a->parsed.error);
	a->session = NULL;
	if (!last)
		TRY(session_load(ctx, a->parsed.request.client_id, &a->session));
	const struct grant grant = {.id = handle_uuid(&ctx->rng, ctx->arena, ctx->now_ms),
		.request = &a->parsed.request,
		.registered = a->registered,
		.session = a->session};
	TRY(grant_judge(ctx, &grant, &changed, &decision));
	*done = !changed;
	if (changed)
		return OK;
	if (decision.outcome == AUTHZ_ISSUE)
		return issue(ctx, a, &grant, &decision, done);
	return answer(ctx, a, &decision);
}

struct result ep_authorize(struct context *ctx)
{
	struct authorize a = {.registered = NULL};
	bool done = false;
	TRY(bounce_params(ctx, &a.sent));
	for (int i = 1; i <= TRIES && !done; i++)
		TRY(try_once(ctx, &a, i == TRIES, &done));
	if (!done)
		FAIL(ERR_DB);
	return OK;
}
