/* SPDX-License-Identifier: Apache-2.0 */
/* client_id and client_secret in the form: RFC 6749 s2.3.1. */
#include "oidc/client_auth_secret.h"

static bool used(const struct client_auth_input *in)
{
	return params_value(in->form, "client_secret") != NULL;
}

static struct error read_request(
	struct arena *arena, const struct client_auth_input *in, struct client_auth_presented *out)
{
	const char *client_id = params_value(in->form, "client_id");
	if (!client_id)
		return error_make(arena, ERROR_INVALID_CLIENT,
			"client_secret requires client_id. Received nothing.");
	*out = (struct client_auth_presented){.method = CLIENT_AUTH_POST,
		.client_id = client_id,
		.secret = params_value(in->form, "client_secret")};
	return ERROR_ABSENT;
}

const struct client_auth_row client_auth_post = {
	.name = "client_secret_post",
	.confidential = true,
	.secret = true,
	.used = used,
	.read = read_request,
	.decide = client_auth_secret_decide,
};
