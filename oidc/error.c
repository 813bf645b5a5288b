/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/error.h"
#include "idp/base/crypto.h"
#include "idp/base/json.h"
#include "idp/base/str.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MARK_BEGIN '\1'
#define MARK_END "\2"

static const struct code {
	const char *name;
	int status;
} codes[ERROR_CODES] = {
	[ERROR_NONE] = {"", 200},
	[ERROR_INVALID_REQUEST] = {"invalid_request", 400},
	[ERROR_INVALID_CLIENT] = {"invalid_client", 400},
	[ERROR_INVALID_GRANT] = {"invalid_grant", 400},
	[ERROR_UNAUTHORIZED_CLIENT] = {"unauthorized_client", 400},
	[ERROR_UNSUPPORTED_GRANT_TYPE] = {"unsupported_grant_type", 400},
	[ERROR_UNSUPPORTED_RESPONSE_TYPE] = {"unsupported_response_type", 400},
	[ERROR_INVALID_SCOPE] = {"invalid_scope", 400},
	[ERROR_ACCESS_DENIED] = {"access_denied", 403},
	[ERROR_TEMPORARILY_UNAVAILABLE] = {"temporarily_unavailable", 503},
	[ERROR_LOGIN_REQUIRED] = {"login_required", 400},
	[ERROR_ACCOUNT_SELECTION_REQUIRED] = {"account_selection_required", 400},
	[ERROR_CONSENT_REQUIRED] = {"consent_required", 400},
	[ERROR_INTERACTION_REQUIRED] = {"interaction_required", 400},
	[ERROR_REQUEST_NOT_SUPPORTED] = {"request_not_supported", 400},
	[ERROR_REQUEST_URI_NOT_SUPPORTED] = {"request_uri_not_supported", 400},
	[ERROR_REGISTRATION_NOT_SUPPORTED] = {"registration_not_supported", 400},
	[ERROR_UNMET_AUTHENTICATION_REQUIREMENTS] = {"unmet_authentication_requirements", 400},
	[ERROR_INVALID_TOKEN] = {"invalid_token", 401},
	[ERROR_INSUFFICIENT_SCOPE] = {"insufficient_scope", 403},
};

/* RFC 6749 s5.2: %x20-21 / %x23-5B / %x5D-7E */
static void clean(char *text)
{
	for (char *p = text; *p; p++)
		if (*p < 0x20 || *p > 0x7e || *p == '"' || *p == '\\')
			*p = '?';
}

const char *error_name(enum error_code code)
{
	return (unsigned)code < ERROR_CODES ? codes[code].name : "";
}

int error_status(enum error_code code)
{
	return (unsigned)code < ERROR_CODES ? codes[code].status : 500;
}

int error_challenge_status(enum error_code code)
{
	return code == ERROR_NONE || code == ERROR_INVALID_CLIENT ? 401 : error_status(code);
}

/* Without the marks of error_shown; what is between them replaced by its fingerprint, where hidden.
 */
static const char *unmarked(struct arena *arena, const char *text, bool hidden)
{
	struct buf out = buf_new(arena);
	const char *begin;
	while ((begin = strchr(text, MARK_BEGIN)) != NULL) {
		const char *value = arena_strndup(arena, begin + 1, strcspn(begin + 1, MARK_END));
		buf_putn(&out, text, (size_t)(begin - text));
		buf_puts(&out, hidden ? crypto_fingerprint(arena, value) : value);
		text = begin + 1 + strlen(value);
		text += *text ? 1 : 0;
	}
	buf_puts(&out, text);
	clean(out.text);
	return out.text;
}

struct error error_make(struct arena *arena, enum error_code code, const char *format, ...)
{
	char text[ERROR_DESCRIPTION_MAX + 1];
	va_list list;
	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	return (struct error){code, unmarked(arena, text, false), unmarked(arena, text, true)};
}

const char *error_shown(struct arena *arena, const char *text)
{
	if (!text)
		return "nothing";
	if (!*text)
		return "an empty value";
	bool cut = strlen(text) > ERROR_SHOWN_MAX;
	char *shown = arena_printf(arena, "%.*s%s", ERROR_SHOWN_MAX, text, cut ? "..." : "");
	clean(shown);
	return arena_printf(arena, "%c%s" MARK_END, MARK_BEGIN, shown);
}

const char *error_json(struct arena *arena, const struct error *error, const char *correlation_id)
{
	AUTO_JSON json_t *body = json_object();
	if (error->code != ERROR_NONE)
		json_put(body, "error", error_name(error->code));
	json_put(body, "error_description", error->description);
	json_put(body, "correlation_id", correlation_id);
	return json_text(arena, body);
}

const char *error_challenge(struct arena *arena, const struct error *error, const char *realm)
{
	const bool basic = error->code == ERROR_INVALID_CLIENT;
	struct buf out = buf_new(arena);
	buf_printf(&out, "%s realm=\"%s\"%s", basic ? "Basic" : "Bearer", realm,
		basic ? ", charset=\"UTF-8\"" : "");
	if (error->code != ERROR_NONE)
		buf_printf(&out, ", error=\"%s\", error_description=\"%s\"",
			error_name(error->code), error->description ? error->description : "");
	return out.text;
}
