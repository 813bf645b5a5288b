/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client_id and client_secret in the Authorization header: RFC 6749 s2.3.1, RFC 7617.
 *
 * Common libraries leave out the form encoding of the secret, and a base64 secret with a plus would
 * then never fit: the secret as received is compared, too.
 */
#include "idp/base/enc.h"
#include "oidc/client_auth_secret.h"
#include <string.h>
#include <strings.h>

static bool used(const struct client_auth_input *in)
{
	return in->authorization != NULL;
}

/* application/x-www-form-urlencoded, one value, in place. False for a broken escape or a NUL. */
static bool form_decode(char *text)
{
	const size_t n = enc_percent_decode(text, strlen(text), true, text);
	return n != ENC_BROKEN && strlen(text) == n;
}

/* RFC 7617 s2 with the encoding of RFC 6749 s2.3.1: both halves are form-encoded before the colon
 * joins them. */
static bool read_basic(
	struct arena *arena, const char *authorization, struct client_auth_presented *out)
{
	uint8_t *bytes;
	size_t len;
	if (strncasecmp(authorization, "Basic ", 6) != 0)
		return false;
	const char *encoded = authorization + 6 + strspn(authorization + 6, " ");
	if (enc_b64_decode(arena, encoded, &bytes, &len).err != ERR_NONE)
		return false;
	char *text = arena_strndup(arena, (const char *)bytes, len);
	char *colon = strlen(text) == len ? strchr(text, ':') : NULL;
	if (!colon)
		return false;
	*colon = '\0';
	char *secret = colon + 1;
	const char *plain = arena_strdup(arena, secret);
	if (!form_decode(text) || !form_decode(secret) || !*text ||
		!str_utf8_valid(text, strlen(text)) || !str_utf8_valid(secret, strlen(secret)))
		return false;
	*out = (struct client_auth_presented){
		.method = CLIENT_AUTH_BASIC, .client_id = text, .secret = secret, .plain = plain};
	return true;
}

static struct error read_request(
	struct arena *arena, const struct client_auth_input *in, struct client_auth_presented *out)
{
	const char *client_id = params_value(in->form, "client_id");
	if (!read_basic(arena, in->authorization, out))
		return error_make(arena, ERROR_INVALID_CLIENT,
			"Authorization: expected Basic with base64 of client_id:client_secret, "
			"both form-encoded first. Received a value that does not decode.");
	if (client_id && !str_eq(client_id, out->client_id))
		return error_make(arena, ERROR_INVALID_REQUEST,
			"client_id in the body does not match the Authorization header. Received "
			"%s in the body.",
			error_shown(arena, client_id));
	return ERROR_ABSENT;
}

const struct client_auth_row client_auth_basic = {
	.name = "client_secret_basic",
	.confidential = true,
	.secret = true,
	.used = used,
	.read = read_request,
	.decide = client_auth_secret_decide,
};
