/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/token_request.h"
#include "oidc/grant_type.h"
#include <string.h>

#define FORM_TYPE "application/x-www-form-urlencoded"

struct error token_request_check_form(struct arena *arena, const struct token_request_form *in)
{
	if (!in->is_form)
		return error_make(arena, ERROR_INVALID_REQUEST,
			"Content-Type is not supported. Received %s; expected " FORM_TYPE ".",
			error_shown(arena, in->content_type));
	if (in->verdict == PARAMS_REPEATED)
		return error_make(arena, ERROR_INVALID_REQUEST,
			"A parameter is repeated. Received %s more than once.",
			error_shown(arena, in->form->fault));
	if (in->verdict != PARAMS_OK)
		return error_make(arena, ERROR_INVALID_REQUEST, "The body is not well-formed: %s",
			params_verdict_text(in->verdict));
	return ERROR_ABSENT;
}

struct error token_request_missing(struct arena *arena, const char *name, const char *grant_type)
{
	return error_make(arena, ERROR_INVALID_REQUEST,
		"%s is missing. Received nothing; grant_type %s requires it.", name, grant_type);
}

struct error token_request_presented(
	struct arena *arena, const struct params *form, const char *name, const char **out)
{
	const char *value = params_value(form, name);
	if (!value)
		return token_request_missing(arena, name, params_value(form, "grant_type"));
	if (strlen(value) > TOKEN_REQUEST_VALUE_MAX)
		return error_make(arena, ERROR_INVALID_REQUEST,
			"%s is too long. Received %zu bytes; at most %d are accepted.", name,
			strlen(value), TOKEN_REQUEST_VALUE_MAX);
	*out = value;
	return ERROR_ABSENT;
}

struct error token_request_read(
	struct arena *arena, const struct params *form, struct token_request *out)
{
	const char *name = params_value(form, "grant_type");
	struct token_request made = {.type = grant_type_find(name)};
	if (!name)
		return error_make(arena, ERROR_INVALID_REQUEST,
			"grant_type is missing. Received nothing; expected %s.",
			grant_type_names(arena, "or"));
	if (!made.type)
		return error_make(arena, ERROR_UNSUPPORTED_GRANT_TYPE,
			"grant_type is not supported. Expected %s; received %s.",
			grant_type_names(arena, "or"), error_shown(arena, name));
	const struct error error = made.type->read(arena, form, &made);
	if (error.code == ERROR_NONE)
		*out = made;
	return error;
}
