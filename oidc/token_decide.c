/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/token_decide.h"
#include "oidc/grant_type.h"
#include "oidc/token_refusal.h"

const char *token_decide_grant_dead(const struct token_grant_facts *grant)
{
	if (grant->revoked)
		return "grant_revoked";
	if (grant->expired)
		return "grant_expired";
	if (grant->citizen_locked)
		return "citizen_locked";
	if (!grant->offline && !grant->session_lives)
		return "session_ended";
	return NULL;
}

static const char *registered_names(struct arena *arena, const struct client *client)
{
	struct buf out = buf_new(arena);
	for (int i = 0; i < GRANT_TYPES_N; i++)
		if (grant_type_registered(client, (enum grant_type_id)i))
			buf_printf(&out, "%s%s", out.len ? " " : "",
				grant_type_of((enum grant_type_id)i)->name);
	return out.text;
}

struct token_decision token_decide_early(struct arena *arena, const struct token_question *question)
{
	const struct grant_type *type = question->request->type;
	if (!grant_type_registered(question->client, type->id))
		return token_refusal(
			error_make(arena, ERROR_UNAUTHORIZED_CLIENT,
				"grant_type is not registered for this client. Received %s; "
				"registered in grant_types: %s.",
				type->name, registered_names(arena, question->client)),
			"grant_type_not_registered");
	return type->judge ? type->judge(arena, question) : (struct token_decision){TOKEN_AGAIN};
}

struct token_decision token_decide(struct arena *arena, const struct token_question *question)
{
	return question->request->type->decide(arena, question);
}

struct token_decision token_decide_changed(struct arena *arena)
{
	return token_refusal_grant(arena, "changed_meanwhile",
		"The authorization changed while this request was processed.");
}

struct str_list token_decide_scopes(
	struct arena *arena, const struct client *client, const struct str_list *wanted)
{
	struct str_list out = {ARENA_ARRAY(arena, const char *, client->scopes.n + 1), 0};
	for (size_t i = 0; i < client->scopes.n; i++)
		if (wanted->n == 0 || str_list_has(wanted, client->scopes.items[i]))
			out.items[out.n++] = client->scopes.items[i];
	return out;
}
