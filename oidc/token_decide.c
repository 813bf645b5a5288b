/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/token_decide.h"
#include "oidc/pkce.h"
#include "oidc/scope.h"

const char *token_decide_grant_dead(const struct token_grant_facts *grant, int64_t now_s)
{
	if (grant->revoked)
		return "grant_revoked";
	if (grant->expires_at_s <= now_s)
		return "grant_expired";
	if (grant->citizen_locked)
		return "citizen_locked";
	if (!grant->offline && !grant->session_lives)
		return "session_ended";
	return NULL;
}

static struct token_decision refuse(struct error error, const char *reason)
{
	return (struct token_decision){.action = TOKEN_REFUSE, .error = error, .reason = reason};
}

static struct token_decision refuse_grant(struct arena *arena, const char *reason, const char *text)
{
	return refuse(error_make(arena, ERROR_INVALID_GRANT, "%s", text), reason);
}

/* One text for unknown and another's: whose it is, is not told. */
static struct token_decision refuse_unknown(
	struct arena *arena, const struct token_question *question, const char *what)
{
	struct error error = error_make(arena, ERROR_INVALID_GRANT,
		"expected a %s that was given to this client, came one that was not", what);
	return refuse(error, question->facts->found ? "other_client" : "unknown");
}

static struct token_decision refuse_reuse(struct arena *arena, const char *what, const char *reason)
{
	struct token_decision decision = refuse(
		error_make(arena, ERROR_INVALID_GRANT,
			"expected a %s that was not used before; this one was, so every token of "
			"its authorization is revoked",
			what),
		reason);
	decision.action = TOKEN_REFUSE_AND_REVOKE;
	return decision;
}

static struct token_decision refuse_dead(struct arena *arena, const char *reason)
{
	return refuse_grant(arena, reason,
		"expected an authorization that still stands; this one has ended by revocation, "
		"sign-out or time");
}

static bool is_ours(const struct token_question *question)
{
	return question->facts->found &&
	       str_eq(question->facts->client_id, question->client->client_id);
}

static struct token_decision check_pkce(struct arena *arena, const struct token_question *question)
{
	const char *verifier = question->request->code_verifier;
	const char *challenge = question->facts->code_challenge;
	if (!challenge && verifier)
		return refuse_grant(arena, "verifier_unexpected",
			"expected no code_verifier, as the authorization request had no "
			"code_challenge");
	if (challenge && !verifier)
		return refuse_grant(arena, "verifier_missing",
			"expected code_verifier, as the authorization request had a "
			"code_challenge; came nothing");
	/* A client that came to need PKCE after its code was made. */
	if (!challenge && question->client->require_pkce)
		return refuse_grant(arena, "verifier_missing",
			"expected a code_challenge in the authorization request of this client");
	if (challenge && !pkce_fits(arena, challenge, verifier))
		return refuse_grant(arena, "wrong_verifier",
			"expected code_verifier to be the one whose S256 is the code_challenge, "
			"came another");
	return (struct token_decision){.action = TOKEN_ISSUE};
}

/* A registration may have been narrowed since the grant was made: what it no longer has is no
 * longer given. */
static const char *scope_kept(
	struct arena *arena, const struct token_question *question, const struct str_list *wanted)
{
	struct str_list granted = str_split(arena, question->facts->grant.scope, ' ');
	struct str_list kept = {ARENA_ARRAY(arena, const char *, granted.n + 1), 0};
	for (size_t i = 0; i < granted.n; i++) {
		const char *name = granted.items[i];
		if (str_list_has(&question->client->scopes, name) &&
			(wanted->n == 0 || str_list_has(wanted, name)))
			kept.items[kept.n++] = name;
	}
	return str_join(arena, &kept, " ");
}

static struct token_decision issue(
	struct arena *arena, const struct token_question *question, const struct str_list *wanted)
{
	struct token_decision decision = {.action = TOKEN_ISSUE};
	decision.scope = scope_kept(arena, question, wanted);
	struct str_list kept = str_split(arena, decision.scope, ' ');
	decision.id_token = str_list_has(&kept, SCOPE_OPENID);
	return decision;
}

static struct token_decision decide_code(struct arena *arena, const struct token_question *question)
{
	static const struct str_list all = {0};
	const struct token_facts *facts = question->facts;
	if (!is_ours(question))
		return refuse_unknown(arena, question, "code");
	if (facts->spent)
		return refuse_reuse(arena, "code", "code_reuse");
	if (facts->expires_at_s <= question->now_s)
		return refuse(
			error_make(arena, ERROR_INVALID_GRANT,
				"expected a code within its life, came one that expired %lld s ago",
				(long long)(question->now_s - facts->expires_at_s)),
			"code_expired");
	if (!str_eq(facts->redirect_uri, question->request->redirect_uri))
		return refuse(
			error_make(arena, ERROR_INVALID_GRANT,
				"expected redirect_uri as in the authorization request, came %s",
				error_shown(arena, question->request->redirect_uri)),
			"wrong_redirect_uri");
	struct token_decision pkce = check_pkce(arena, question);
	if (pkce.action != TOKEN_ISSUE)
		return pkce;
	const char *dead = token_decide_grant_dead(&facts->grant, question->now_s);
	if (dead)
		return refuse_dead(arena, dead);
	struct token_decision decision = issue(arena, question, &all);
	decision.new_refresh_token = facts->grant.offline && question->client->grant_refresh;
	return decision;
}

static struct token_decision decide_refresh(
	struct arena *arena, const struct token_question *question)
{
	const struct token_facts *facts = question->facts;
	const struct str_list *wanted = &question->request->scope;
	if (!question->client->grant_refresh)
		return refuse(error_make(arena, ERROR_UNAUTHORIZED_CLIENT,
				      "expected a client whose grant_types has refresh_token"),
			"grant_type_not_registered");
	if (!is_ours(question))
		return refuse_unknown(arena, question, "refresh_token");
	if (facts->spent)
		return refuse_reuse(arena, "refresh_token", "refresh_reuse");
	const char *dead = token_decide_grant_dead(&facts->grant, question->now_s);
	if (dead || facts->expires_at_s <= question->now_s)
		return refuse_dead(arena, dead ? dead : "refresh_expired");
	struct str_list granted = str_split(arena, facts->grant.scope, ' ');
	for (size_t i = 0; i < wanted->n; i++)
		if (!str_list_has(&granted, wanted->items[i]))
			return refuse(
				error_make(arena, ERROR_INVALID_SCOPE,
					"expected no more than the scope that was granted, %s; "
					"came %s",
					facts->grant.scope, error_shown(arena, wanted->items[i])),
				"scope_widened");
	struct token_decision decision = issue(arena, question, wanted);
	decision.new_refresh_token = !client_confidential(question->client);
	return decision;
}

struct token_decision token_decide(struct arena *arena, const struct token_question *question)
{
	switch (question->request->grant) {
	case TOKEN_GRANT_CODE:
		return decide_code(arena, question);
	case TOKEN_GRANT_REFRESH:
		break;
	}
	return decide_refresh(arena, question);
}
