/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 6749 s4.1.3, RFC 7636 s4.5 and s4.6, OpenID Connect Core s3.1.3 */
#include "oidc/grant_type.h"
#include "oidc/token_refusal.h"
#include "oidc/pkce.h"
#include <string.h>

static struct error read_form(
	struct arena *arena, const struct params *form, struct token_request *out)
{
	const struct error missing_or_long =
		token_request_presented(arena, form, "code", &out->presented);
	out->redirect_uri = params_value(form, "redirect_uri");
	out->code_verifier = params_value(form, "code_verifier");
	if (missing_or_long.code != ERROR_NONE)
		return missing_or_long;
	if (!out->redirect_uri)
		return token_request_missing(arena, "redirect_uri", "authorization_code");
	if (out->code_verifier && !pkce_verifier_valid(out->code_verifier))
		return error_make(arena, ERROR_INVALID_REQUEST,
			"code_verifier is not valid. Received %zu bytes; expected 43 to 128 "
			"characters of A-Z a-z 0-9 - . _ ~.",
			strlen(out->code_verifier));
	return ERROR_ABSENT;
}

static struct token_decision refuse_missing(struct arena *arena)
{
	return token_refusal_grant(arena, "verifier_missing",
		"code_verifier is missing; the authorization request requires it by its "
		"code_challenge.");
}

static struct token_decision judge(struct arena *arena, const struct token_question *question)
{
	if (question->client->require_pkce && !question->request->code_verifier)
		return refuse_missing(arena);
	return (struct token_decision){TOKEN_AGAIN};
}

static struct token_decision check_pkce(struct arena *arena, const struct token_question *question)
{
	const char *verifier = question->request->code_verifier;
	const char *challenge = question->facts->code_challenge;
	if (!challenge && verifier)
		return token_refusal_grant(arena, "verifier_unexpected",
			"code_verifier is not allowed: the authorization request had no "
			"code_challenge.");
	if (challenge && !verifier)
		return refuse_missing(arena);
	if (challenge && !pkce_fits(arena, challenge, verifier))
		return token_refusal_grant(arena, "wrong_verifier",
			"code_verifier does not match the code_challenge (S256) of the "
			"authorization request.");
	return (struct token_decision){TOKEN_AGAIN};
}

static struct token_decision decide(struct arena *arena, const struct token_question *question)
{
	const struct token_facts *facts = question->facts;
	if (!token_refusal_own(question))
		return token_refusal_unknown(arena, question, "code");
	if (!str_eq(facts->redirect_uri, question->request->redirect_uri))
		return token_refusal(error_make(arena, ERROR_INVALID_GRANT,
					     "redirect_uri does not match the authorization "
					     "request. Received %s; the request had %.200s.",
					     error_shown(arena, question->request->redirect_uri),
					     facts->redirect_uri),
			"wrong_redirect_uri");
	const struct token_decision pkce = check_pkce(arena, question);
	if (pkce.action != TOKEN_AGAIN)
		return pkce;
	if (facts->spent)
		return token_refusal_reuse(arena, "code", "code_reuse");
	if (facts->expired)
		return token_refusal(
			error_make(arena, ERROR_INVALID_GRANT,
				"The code has expired. Received %lld s too late; expected "
				"right after the redirect.",
				(long long)facts->expired_for_s),
			"code_expired");
	const char *dead = token_decide_grant_dead(&facts->grant);
	return dead ? token_refusal_dead(arena, dead) : (struct token_decision){TOKEN_AGAIN};
}

const struct grant_type grant_authorization_code = {
	.id = GRANT_authorization_code,
	.name = "authorization_code",
	.kind = "token",
	.read = read_form,
	.judge = judge,
	.decide = decide,
};
