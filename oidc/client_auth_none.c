/* SPDX-License-Identifier: Apache-2.0 */
/* A public client, which only sends its client_id: RFC 6749 s2.1, s3.2.1. */
#include "oidc/client_auth.h"

static bool used(const struct client_auth_input *in)
{
	(void)in;
	return false;
}

static struct error read_request(
	struct arena *arena, const struct client_auth_input *in, struct client_auth_presented *out)
{
	const char *client_id = params_value(in->form, "client_id");
	if (!client_id)
		return error_make(arena, ERROR_INVALID_CLIENT,
			"Client authentication is missing; expected %s with client_id.",
			client_auth_names(arena));
	*out = (struct client_auth_presented){.method = CLIENT_AUTH_NONE, .client_id = client_id};
	return ERROR_ABSENT;
}

static struct client_auth_decision decide(struct arena *arena,
	const struct client_auth_presented *presented, const struct client_auth_facts *facts)
{
	if (!facts->client)
		return client_auth_refuse(error_make(arena, ERROR_INVALID_CLIENT,
						  "client_id does not match a registered client. "
						  "Received %s.",
						  error_shown(arena, presented->client_id)),
			"unknown_client");
	return (struct client_auth_decision){0};
}

const struct client_auth_row client_auth_none = {
	.name = "none", .used = used, .read = read_request, .decide = decide};
