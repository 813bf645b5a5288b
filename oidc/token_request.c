/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/token_request.h"
#include "oidc/pkce.h"
#include <string.h>

#define FORM_TYPE "application/x-www-form-urlencoded"
#define SCOPE_MAX 1024 /* bytes */

struct error token_request_check_form(struct arena *arena, const struct token_request_form *in)
{
	if (!in->is_form)
		return error_make(arena, ERROR_INVALID_REQUEST,
			"expected a body of Content-Type " FORM_TYPE ", came %s",
			error_shown(arena, in->came_type));
	if (in->verdict == PARAMS_REPEATED)
		return error_make(arena, ERROR_INVALID_REQUEST,
			"expected each parameter once, came %s more than once",
			error_shown(arena, in->form->fault));
	if (in->verdict != PARAMS_OK)
		return error_make(arena, ERROR_INVALID_REQUEST, "expected a well-formed body: %s",
			params_verdict_text(in->verdict));
	return ERROR_ABSENT;
}

static struct error missing(struct arena *arena, const char *name, const char *grant)
{
	return error_make(arena, ERROR_INVALID_REQUEST,
		"expected the parameter %s with grant_type %s, came nothing", name, grant);
}

static struct error too_long(struct arena *arena, const char *name)
{
	return error_make(arena, ERROR_INVALID_REQUEST,
		"expected %s of at most %d bytes, came more", name, TOKEN_REQUEST_VALUE_MAX);
}

static struct error read_code(
	struct arena *arena, const struct params *form, struct token_request *out)
{
	out->grant = TOKEN_GRANT_CODE;
	out->code = params_value(form, "code");
	out->redirect_uri = params_value(form, "redirect_uri");
	out->code_verifier = params_value(form, "code_verifier");
	if (!out->code)
		return missing(arena, "code", "authorization_code");
	if (strlen(out->code) > TOKEN_REQUEST_VALUE_MAX)
		return too_long(arena, "code");
	if (!out->redirect_uri)
		return missing(arena, "redirect_uri", "authorization_code");
	if (out->code_verifier && !pkce_verifier_valid(out->code_verifier))
		return error_make(arena, ERROR_INVALID_REQUEST,
			"expected code_verifier of 43 to 128 characters A-Z a-z 0-9 - . _ ~, came "
			"%zu "
			"bytes that are not so",
			strlen(out->code_verifier));
	return ERROR_ABSENT;
}

/* RFC 6749 s3.3: scope-token is 1*( %x21 / %x23-5B / %x5D-7E ). */
static bool scope_chars_good(const char *text)
{
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e || *text == '"' || *text == '\\')
			return false;
	return true;
}

static struct error read_refresh(
	struct arena *arena, const struct params *form, struct token_request *out)
{
	const char *scope = params_value(form, "scope");
	out->grant = TOKEN_GRANT_REFRESH;
	out->refresh_token = params_value(form, "refresh_token");
	if (!out->refresh_token)
		return missing(arena, "refresh_token", "refresh_token");
	if (strlen(out->refresh_token) > TOKEN_REQUEST_VALUE_MAX)
		return too_long(arena, "refresh_token");
	if (scope && (strlen(scope) > SCOPE_MAX || !scope_chars_good(scope)))
		return error_make(arena, ERROR_INVALID_SCOPE,
			"expected scope to be names with single spaces between, came %s",
			error_shown(arena, scope));
	out->scope = str_split(arena, scope, ' ');
	return ERROR_ABSENT;
}

struct error token_request_read(
	struct arena *arena, const struct params *form, struct token_request *out)
{
	const char *grant = params_value(form, "grant_type");
	*out = (struct token_request){0};
	if (!grant)
		return error_make(arena, ERROR_INVALID_REQUEST,
			"expected grant_type authorization_code or refresh_token, came nothing");
	if (str_eq(grant, "authorization_code"))
		return read_code(arena, form, out);
	if (str_eq(grant, "refresh_token"))
		return read_refresh(arena, form, out);
	return error_make(arena, ERROR_UNSUPPORTED_GRANT_TYPE,
		"expected grant_type authorization_code or refresh_token, came %s",
		error_shown(arena, grant));
}
