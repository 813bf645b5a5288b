/* SPDX-License-Identifier: Apache-2.0 */
/* An assertion in the form: RFC 7523 s2.2. Its claims are client_assertion.c's. */
#include "oidc/client_assertion.h"
#include <string.h>

static bool used(const struct client_auth_input *in)
{
	return params_value(in->form, "client_assertion") ||
	       params_value(in->form, "client_assertion_type");
}

static struct error read_request(
	struct arena *arena, const struct client_auth_input *in, struct client_auth_presented *out)
{
	const char *type = params_value(in->form, "client_assertion_type");
	const char *client_id = params_value(in->form, "client_id");
	const char *assertion = params_value(in->form, "client_assertion");
	AUTO_JSON json_t *claims = NULL;
	if (!str_eq(type, CLIENT_AUTH_ASSERTION_TYPE))
		return error_make(arena, ERROR_INVALID_REQUEST,
			"client_assertion_type is not supported. Received %s; "
			"expected " CLIENT_AUTH_ASSERTION_TYPE ".",
			error_shown(arena, type));
	if (!assertion)
		return error_make(arena, ERROR_INVALID_REQUEST,
			"client_assertion is missing. Received client_assertion_type alone.");
	const char *sub =
		jose_peek(assertion, &claims).err == ERR_NONE ? json_str(claims, "sub") : NULL;
	if (str_empty(sub))
		return error_make(arena, ERROR_INVALID_CLIENT,
			"client_assertion is not a signed JWT whose sub is the client_id.");
	if (client_id && !str_eq(client_id, sub))
		return error_make(arena, ERROR_INVALID_REQUEST,
			"client_id does not match the sub of client_assertion. Received %s; sub "
			"is %s.",
			error_shown(arena, client_id), error_shown(arena, sub));
	*out = (struct client_auth_presented){.method = CLIENT_AUTH_PRIVATE_KEY_JWT,
		.client_id = arena_strdup(arena, sub),
		.assertion = assertion};
	return ERROR_ABSENT;
}

const struct client_auth_row client_auth_private_key_jwt = {
	.name = "private_key_jwt",
	.confidential = true,
	.used = used,
	.read = read_request,
	.decide = client_assertion_decide,
};
