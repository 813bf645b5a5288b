/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/token_refusal.h"

struct token_decision token_refusal(struct error error, const char *reason)
{
	return (struct token_decision){.action = TOKEN_REFUSE, .error = error, .reason = reason};
}

struct token_decision token_refusal_grant(
	struct arena *arena, const char *reason, const char *description)
{
	return token_refusal(error_make(arena, ERROR_INVALID_GRANT, "%s", description), reason);
}

struct token_decision token_refusal_unknown(
	struct arena *arena, const struct token_question *question, const char *what)
{
	return token_refusal(error_make(arena, ERROR_INVALID_GRANT,
				     "The %s is unknown, or was not issued to this client.", what),
		question->facts->found ? "other_client" : "unknown");
}

struct token_decision token_refusal_reuse(struct arena *arena, const char *what, const char *reason)
{
	struct token_decision decision = token_refusal(
		error_make(arena, ERROR_INVALID_GRANT,
			"The %s was used before, so every token of its authorization is now "
			"revoked.",
			what),
		reason);
	decision.action = TOKEN_REFUSE_AND_REVOKE;
	return decision;
}

struct token_decision token_refusal_dead(struct arena *arena, const char *reason)
{
	return token_refusal_grant(
		arena, reason, "The authorization has ended by revocation, sign-out or expiry.");
}

bool token_refusal_own(const struct token_question *question)
{
	return question->facts->found &&
	       str_eq(question->facts->client_id, question->client->client_id);
}
