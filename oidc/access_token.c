/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/access_token.h"
#include "idp/base/str.h"
#include <string.h>
#include <strings.h>

/* RFC 6750 s2.1: b64token is 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=" */
static bool b64token(const char *text)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				"0123456789-._~+/");
	return n > 0 && strspn(text + n, "=") == strlen(text + n);
}

static bool scheme_is_bearer(const char *authorization)
{
	return strncasecmp(authorization, "Bearer", 6) == 0 &&
	       (authorization[6] == ' ' || authorization[6] == '\0');
}

static struct error malformed(struct arena *arena, const struct access_token_input *in)
{
	const bool query = in->query_verdict != PARAMS_OK;
	return error_make(arena, ERROR_INVALID_REQUEST, "The %s is not well-formed. Received: %s.",
		query ? "query" : "body",
		params_verdict_text(query ? in->query_verdict : in->form_verdict));
}

struct error access_token_find(
	struct arena *arena, const struct access_token_input *in, const char **out)
{
	const bool header = in->authorization && scheme_is_bearer(in->authorization);
	const char *token = in->form ? params_get(in->form, "access_token") : NULL;
	*out = NULL;
	if (params_get(in->query, "access_token"))
		return error_make(arena, ERROR_INVALID_REQUEST,
			"The access token must not be in the query, which ends up in logs. "
			"Received access_token there; expected it in the Authorization header, or "
			"in the form of a POST.");
	if (header && token)
		return error_make(arena, ERROR_INVALID_REQUEST,
			"The access token must be sent once. Received it in the Authorization "
			"header and as access_token in the body.");
	/* RFC 6750 s3.1: what is repeated may be the token, which then stands in neither. */
	if (in->query_verdict != PARAMS_OK || in->form_verdict != PARAMS_OK)
		return malformed(arena, in);
	if (header)
		token = in->authorization + 6 + strspn(in->authorization + 6, " ");
	if (token && !b64token(token))
		return error_make(arena, ERROR_INVALID_REQUEST,
			"%s is not an access token. Received characters that none has, or "
			"nothing.",
			header ? "The value after Bearer in Authorization" : "access_token");
	*out = token;
	return ERROR_ABSENT;
}

bool access_token_read(struct arena *arena, const json_t *claims, const char *issuer, int64_t now_s,
	struct access_token *out)
{
	const char *sub = json_str(claims, "sub"), *client_id = json_str(claims, "client_id");
	const char *grant_id = json_str(claims, "grant_id"), *jti = json_str(claims, "jti");
	const char *scope = json_str(claims, "scope");
	int64_t iat_s = json_int(claims, "iat", -1), exp_s = json_int(claims, "exp", -1);
	if (!str_eq(json_str(claims, "iss"), issuer) || !str_eq(json_str(claims, "aud"), issuer))
		return false;
	if (!sub || !client_id || !jti || !scope || !grant_id || !str_is_uuid(grant_id))
		return false;
	if (iat_s < 0 || exp_s <= now_s)
		return false;
	*out = (struct access_token){
		.sub = arena_strdup(arena, sub),
		.client_id = arena_strdup(arena, client_id),
		.grant_id = arena_strdup(arena, grant_id),
		.scope = arena_strdup(arena, scope),
		.jti = arena_strdup(arena, jti),
		.acr = arena_strdup(arena, json_str(claims, "acr")),
		.auth_time_s = json_int(claims, "auth_time", -1),
		.iat_s = iat_s,
		.exp_s = exp_s,
	};
	return true;
}
