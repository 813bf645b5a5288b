/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/client_auth.h"

#define AT_ID(id, name) [CLIENT_AUTH_##id] = &client_auth_##name,
static const struct client_auth_row *const rows[] = {CLIENT_AUTH_METHODS(AT_ID)};

const struct client_auth_row *client_auth_row(enum client_auth_method method)
{
	return rows[method];
}

const char *client_auth_names(struct arena *arena)
{
	struct buf out = buf_new(arena);
	for (size_t i = 0; i < CLIENT_AUTH_METHODS_N; i++) {
		const bool last = i + 1 == CLIENT_AUTH_METHODS_N;
		buf_printf(&out, "%s%s", i == 0 ? "" : last ? " or " : ", ", rows[i]->name);
	}
	return out.text;
}

struct error client_auth_read(
	struct arena *arena, const struct client_auth_input *in, struct client_auth_presented *out)
{
	const struct client_auth_row *used = &client_auth_none;
	for (size_t i = 0; i < CLIENT_AUTH_METHODS_N; i++) {
		if (!rows[i]->used(in))
			continue;
		if (used != &client_auth_none)
			return error_make(arena, ERROR_INVALID_REQUEST,
				"Only one method of client authentication may be used; received "
				"%s and %s.",
				used->name, rows[i]->name);
		used = rows[i];
	}
	return used->read(arena, in, out);
}

struct client_auth_decision client_auth_refuse(struct error error, const char *reason)
{
	return (struct client_auth_decision){.error = error, .reason = reason};
}

static struct client_auth_decision refuse_method(struct arena *arena,
	const struct client_auth_presented *presented, const struct client *client)
{
	return client_auth_refuse(
		error_make(arena, ERROR_INVALID_CLIENT,
			"This client is registered for client authentication by %s; received %s.",
			rows[client->auth_method]->name, rows[presented->method]->name),
		"wrong_method");
}

/* RFC 6749 s2.3.1: the same secret, in the header or in the form. Libraries differ in which they
 * use by default, so one counts as the other, unless the client is registered as strict. */
static bool method_permitted(const struct client *client, enum client_auth_method method)
{
	if (client->auth_method == method)
		return true;
	return rows[client->auth_method]->secret && rows[method]->secret &&
	       !client->auth_method_strict;
}

struct client_auth_decision client_auth_decide(struct arena *arena,
	const struct client_auth_presented *presented, const struct client_auth_facts *facts)
{
	if (facts->client && !method_permitted(facts->client, presented->method))
		return refuse_method(arena, presented, facts->client);
	return rows[presented->method]->decide(arena, presented, facts);
}

struct client_auth_decision client_auth_replayed(struct arena *arena)
{
	return client_auth_refuse(error_make(arena, ERROR_INVALID_CLIENT,
					  "The jti of client_assertion was used before. Expected a "
					  "new one in each assertion."),
		"assertion_replayed");
}
