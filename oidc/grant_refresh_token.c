/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 6749 s6, RFC 9700 s4.14.2, OpenID Connect Core s12 */
#include "oidc/grant_type.h"
#include "oidc/token_refusal.h"
#include <string.h>

#define SCOPE_MAX 1024 /* bytes */

/* RFC 6749 s3.3: scope-token is 1*( %x21 / %x23-5B / %x5D-7E ). */
static bool scope_chars_valid(const char *text)
{
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e || *text == '"' || *text == '\\')
			return false;
	return true;
}

static struct error read_form(
	struct arena *arena, const struct params *form, struct token_request *out)
{
	const char *scope = params_value(form, "scope");
	const struct error missing_or_long =
		token_request_presented(arena, form, "refresh_token", &out->presented);
	if (missing_or_long.code != ERROR_NONE)
		return missing_or_long;
	if (scope && (strlen(scope) > SCOPE_MAX || !scope_chars_valid(scope)))
		return error_make(arena, ERROR_INVALID_SCOPE,
			"scope is not a list of scope names separated by single spaces. Received "
			"%s.",
			error_shown(arena, scope));
	out->scope = str_split(arena, scope, ' ');
	return ERROR_ABSENT;
}

/* RFC 6749 s6: no more than was granted; s3.3: and not nothing, where what is asked for was
 * withdrawn from the registration since. */
static struct token_decision check_scope(struct arena *arena, const struct token_question *question)
{
	const char *scope = question->facts->grant.scope;
	const struct str_list granted = str_split(arena, scope, ' ');
	const struct str_list *wanted = &question->request->scope;
	for (size_t i = 0; i < wanted->n; i++)
		if (!str_list_has(&granted, wanted->items[i]))
			return token_refusal(
				error_make(arena, ERROR_INVALID_SCOPE,
					"scope exceeds what was granted. Received %s; granted: %s.",
					error_shown(arena, wanted->items[i]), scope),
				"scope_widened");
	if (token_decide_scopes(arena, question->client, wanted).n == 0)
		return token_refusal(
			error_make(arena, ERROR_INVALID_SCOPE,
				"scope is not registered for this client. Received %s; "
				"registered: %.200s.",
				error_shown(arena, str_join(arena, wanted, " ")),
				str_join(arena, &question->client->scopes, " ")),
			"scope_unregistered");
	return (struct token_decision){TOKEN_AGAIN};
}

/* A public client may have lost the answer that held the successor: until that one is used, the
 * former token may be presented again. Who authenticates keeps one token, and it is never spent. */
static bool is_reuse(const struct token_question *question)
{
	const bool again =
		question->facts->successor_unused && !client_confidential(question->client);
	return question->facts->spent && !again;
}

static struct token_decision decide(struct arena *arena, const struct token_question *question)
{
	const struct token_facts *facts = question->facts;
	if (!token_refusal_own(question))
		return token_refusal_unknown(arena, question, "refresh_token");
	if (is_reuse(question))
		return token_refusal_reuse(arena, "refresh_token", "refresh_reuse");
	const char *dead = token_decide_grant_dead(&facts->grant);
	if (dead || facts->expired)
		return token_refusal_dead(arena, dead ? dead : "refresh_expired");
	/* Refresh tokens are given for what outlives the session, and for nothing else. */
	if (!facts->grant.offline)
		return token_refusal_dead(arena, "not_offline");
	return check_scope(arena, question);
}

const struct grant_type grant_refresh_token = {
	.id = GRANT_refresh_token,
	.name = "refresh_token",
	.kind = "refresh",
	.read = read_form,
	.decide = decide,
};
