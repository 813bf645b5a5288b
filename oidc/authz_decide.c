/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/authz_decide.h"
#include "oidc/authz_level.h"
#include "oidc/scope.h"
#include <string.h>

/* s5.5.1: the ID token must be about that very sub. */
static const struct str_list *wanted_sub(const struct authz_request *request)
{
	const struct claims_ask *ask = claims_find(&request->claims, CLAIMS_ID_TOKEN, "sub");
	return ask && ask->values.n ? &ask->values : NULL;
}

bool authz_decide_needs_sub(const struct authz_request *request)
{
	return request->hint_sub || wanted_sub(request);
}

static bool sub_differs(const struct authz_question *q)
{
	const char *sub = q->facts->sub;
	const struct str_list *wanted = wanted_sub(q->request);
	if (q->request->hint_sub && !str_eq(q->request->hint_sub, sub))
		return true;
	return wanted && (!sub || !str_list_has(wanted, sub));
}

/* s3.1.2.1; max_age=0 is prompt=login. */
static bool too_old(const struct authz_question *q)
{
	int64_t max_age_s = q->request->max_age_s;
	if (max_age_s < 0)
		max_age_s = q->client->default_max_age_s;
	if (max_age_s < 0)
		return false;
	return max_age_s == 0 || q->now_s - q->facts->auth_time_s > max_age_s;
}

/* Must the citizen sign in, whether or not a session is there? A sign-in within this transaction
 * answers every wish for a newer one. */
static bool needs_sign_in(const struct authz_question *q)
{
	const struct authz_facts *facts = q->facts;
	const struct authz_request *request = q->request;
	if (!facts->signed_in || facts->other_account)
		return true;
	if (facts->authenticated)
		return false;
	return (request->prompt & AUTHZ_PROMPT_LOGIN) || request->hint_stale || too_old(q) ||
	       sub_differs(q);
}

/* The session would do, were its level higher: it steps up, and does not start again. */
static bool needs_level(const struct authz_question *q)
{
	const struct authz_request *request = q->request;
	if (q->facts->authenticated)
		return false;
	if (authz_level_unmet(request, q->facts->acr))
		return true;
	return !(request->prompt & AUTHZ_PROMPT_NONE) && authz_level_wished(request, q->facts->acr);
}

static void refuse(struct authz_decision *out, struct error error)
{
	out->outcome = AUTHZ_ERROR;
	out->error = error;
}

/* A step, or under prompt=none the error that replaces it (s3.1.2.6). */
static void demand(struct arena *arena, const struct authz_question *q, enum authz_step step,
	struct authz_decision *out)
{
	static const struct {
		enum error_code code;
		const char *text;
	} rows[] = {
		[AUTHZ_STEP_SIGN_IN] = {ERROR_LOGIN_REQUIRED,
			"prompt=none was requested, and the citizen must sign in. Received no "
			"session that meets the request."},
		[AUTHZ_STEP_LEVEL] = {ERROR_LOGIN_REQUIRED,
			"prompt=none was requested, and the citizen must prove more. Received no "
			"session of an acr that is requested."},
		[AUTHZ_STEP_ACCOUNT] = {ERROR_ACCOUNT_SELECTION_REQUIRED,
			"prompt=none was requested, and the citizen must choose an account. "
			"Received no choice."},
		[AUTHZ_STEP_CONSENT] = {ERROR_CONSENT_REQUIRED,
			"prompt=none was requested, and the citizen must consent. Received a "
			"request beyond the stored consent."},
	};
	if (q->request->prompt & AUTHZ_PROMPT_NONE) {
		refuse(out, error_make(arena, rows[step].code, "%s", rows[step].text));
		return;
	}
	out->outcome = AUTHZ_STEP;
	out->step = step;
}

/* Requirements that the completed sign-in does not meet. False: refused. */
static bool identity_fits(
	struct arena *arena, const struct authz_question *q, struct authz_decision *out)
{
	const struct str_list *acr = authz_level_essential(q->request);
	if (authz_level_unmet(q->request, q->facts->acr)) {
		refuse(out, error_make(arena, ERROR_UNMET_AUTHENTICATION_REQUIREMENTS,
				    "acr of the sign-in is not among the essential values "
				    "requested. Received %s; the sign-in has %s.",
				    error_shown(arena, str_join(arena, acr, " ")),
				    error_shown(arena, q->facts->acr)));
		return false;
	}
	if (sub_differs(q)) {
		refuse(out, error_make(arena, ERROR_LOGIN_REQUIRED,
				    "The citizen who signed in is not the one requested by "
				    "id_token_hint or the claim sub. Received another sub."));
		return false;
	}
	return true;
}

static struct str_list without(struct arena *arena, const struct str_list *list, const char *item)
{
	const char **items = ARENA_ARRAY(arena, const char *, list->n + 1);
	struct str_list out = {items, 0};
	for (size_t i = 0; i < list->n; i++) {
		if (!str_eq(list->items[i], item))
			items[out.n++] = list->items[i];
	}
	return out;
}

/* s11: the citizen allows offline_access, now or before. For an agency without consent screens its
 * registration does: it needs no prompt. */
static bool offline_possible(const struct authz_question *q)
{
	if (!str_list_has(&q->request->scope, SCOPE_OFFLINE))
		return false;
	if (!q->client->require_consent || q->facts->consented)
		return true;
	return str_list_has(&q->facts->remembered_scope, SCOPE_OFFLINE) ||
	       !(q->request->prompt & AUTHZ_PROMPT_NONE);
}

/* A claim that the citizen had no value for was not shown; now that they have one, they are asked.
 */
static bool all_shown(
	struct arena *arena, const struct authz_facts *facts, const struct claims_grant *grant)
{
	struct str_list offered = claims_offered(arena, grant, facts->stored);
	for (size_t i = 0; i < offered.n; i++) {
		if (!str_list_has(&facts->remembered_shown, offered.items[i]))
			return false;
	}
	return true;
}

static bool is_remembered(
	struct arena *arena, const struct authz_facts *facts, const struct claims_grant *grant)
{
	for (size_t i = 0; i < grant->scope.n; i++) {
		if (!str_list_has(&facts->remembered_scope, grant->scope.items[i]))
			return false;
	}
	if (facts->remembered_exact)
		return all_shown(arena, facts, grant);
	struct claims_grant before = {.scope = facts->remembered_scope, .request = grant->request};
	struct str_list beyond = claims_beyond_scope(arena, &before);
	for (size_t i = 0; i < beyond.n; i++) {
		if (!str_list_has(&facts->remembered_claims, beyond.items[i]))
			return false;
	}
	return true;
}

static bool needs_consent(
	struct arena *arena, const struct authz_question *q, const struct claims_grant *grant)
{
	if (q->facts->consented)
		return false;
	if (q->request->prompt & AUTHZ_PROMPT_CONSENT)
		return true;
	return q->client->require_consent && !is_remembered(arena, q->facts, grant);
}

/* RFC 6749 s10.2, RFC 8252 s8.6: who the client is, nothing proves, as any program of the device
 * can take a private-use scheme or a loopback port. An https address is its owner's alone. */
static bool client_unproven(const struct authz_question *q)
{
	return !client_confidential(q->client) && !str_starts(q->request->redirect_uri, "https://");
}

/* An act of the citizen in this transaction, whatever was allowed before. */
static bool has_acted(const struct authz_facts *facts)
{
	return facts->authenticated || facts->account_chosen || facts->consented;
}

static void demand_act(
	struct arena *arena, const struct authz_question *q, struct authz_decision *out)
{
	out->outcome = AUTHZ_STEP;
	out->step = AUTHZ_STEP_ACCOUNT;
	if (q->request->prompt & AUTHZ_PROMPT_NONE)
		refuse(out, error_make(arena, ERROR_INTERACTION_REQUIRED,
				    "prompt=none was requested, and a client without "
				    "authentication whose redirect_uri is not https gets no code "
				    "without an act of the citizen. Received redirect_uri %s.",
				    error_shown(arena, q->request->redirect_uri)));
}

/* Where nobody is asked, a registered client gets what it is allowed. */
static void limit_to_shown(
	struct arena *arena, const struct authz_question *q, struct claims_grant *grant)
{
	grant->shown_only = q->facts->consented || q->client->require_consent;
	if (q->facts->consented)
		grant->shown = q->facts->shown;
	else if (grant->shown_only)
		grant->shown = claims_offered(arena, grant, q->facts->stored);
}

void authz_decide(struct arena *arena, const struct authz_question *q, struct authz_decision *out)
{
	const struct str_list *acr = authz_level_essential(q->request);
	*out = (struct authz_decision){.outcome = AUTHZ_ISSUE};
	out->offline = offline_possible(q);
	out->grant.request = q->request->claims;
	out->grant.scope = out->offline ? q->request->scope
					: without(arena, &q->request->scope, SCOPE_OFFLINE);
	if (acr && !authz_level_any_attainable(acr) &&
		!(q->facts->signed_in && str_list_has(acr, q->facts->acr))) {
		refuse(out, error_make(arena, ERROR_UNMET_AUTHENTICATION_REQUIREMENTS,
				    "acr: no essential value requested is supported. Received %s; "
				    "supported: " AUTHZ_LEVELS ".",
				    error_shown(arena, str_join(arena, acr, " "))));
		return;
	}
	if (needs_sign_in(q)) {
		demand(arena, q, AUTHZ_STEP_SIGN_IN, out);
		return;
	}
	if (needs_level(q)) {
		demand(arena, q, AUTHZ_STEP_LEVEL, out);
		return;
	}
	if (!identity_fits(arena, q, out))
		return;
	if ((q->request->prompt & AUTHZ_PROMPT_SELECT_ACCOUNT) && !q->facts->authenticated &&
		!q->facts->account_chosen)
		demand(arena, q, AUTHZ_STEP_ACCOUNT, out);
	else if (needs_consent(arena, q, &out->grant))
		demand(arena, q, AUTHZ_STEP_CONSENT, out);
	else if (client_unproven(q) && !has_acted(q->facts))
		demand_act(arena, q, out);
	else
		limit_to_shown(arena, q, &out->grant);
}
