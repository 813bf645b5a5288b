/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/logout.h"
#include "oidc/authz_response.h"
#include "oidc/uri.h"
#include <stddef.h>
#include <string.h>

static const struct row {
	const char *name;
	size_t offset;
	size_t max; /* bytes */
} rows[] = {
	{"id_token_hint", offsetof(struct logout_request, id_token_hint), LOGOUT_HINT_MAX},
	{"client_id", offsetof(struct logout_request, client_id), LOGOUT_TEXT_MAX},
	{"post_logout_redirect_uri", offsetof(struct logout_request, post_logout_redirect_uri),
		URI_MAX},
	{"state", offsetof(struct logout_request, state), LOGOUT_TEXT_MAX},
	{"ui_locales", offsetof(struct logout_request, ui_locales), LOGOUT_TEXT_MAX},
};

bool logout_parse(struct arena *arena, const struct params *params, enum params_verdict verdict,
	struct logout_request *out, struct error *fault)
{
	struct logout_request request = {0};
	if (verdict != PARAMS_OK) {
		*fault = error_make(arena, ERROR_INVALID_REQUEST,
			"The request is malformed. Received: %s.", params_verdict_text(verdict));
		return false;
	}
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *value = params_value(params, rows[i].name);
		if (value && strlen(value) > rows[i].max) {
			*fault = error_make(arena, ERROR_INVALID_REQUEST,
				"%s is too long. Received %zu bytes; at most %zu are accepted.",
				rows[i].name, strlen(value), rows[i].max);
			return false;
		}
		memcpy((char *)&request + rows[i].offset, &value, sizeof value);
	}
	*out = request;
	return true;
}

bool logout_read_hint(
	struct arena *arena, const json_t *claims, const char *issuer, struct logout_hint *out)
{
	const char *aud = json_str(claims, "aud");
	const char *sid = json_str(claims, "sid");
	if (!str_eq(json_str(claims, "iss"), issuer) || !aud || !sid)
		return false;
	*out = (struct logout_hint){arena_strdup(arena, aud), arena_strdup(arena, sid)};
	return true;
}

const char *logout_client_id(const struct logout_request *request, const struct logout_hint *hint)
{
	return hint->client_id ? hint->client_id : request->client_id;
}

static void show_page(struct logout_decision *out, struct error error)
{
	out->outcome = LOGOUT_PAGE;
	out->error = error;
}

/* s3: only where a client is known, and the URI is one of its own. Where no client is named, its
 * owner is unknown: it is ignored, and the citizen is asked all the same. */
static bool location_good(
	struct arena *arena, const struct logout_question *question, struct logout_decision *out)
{
	const struct logout_request *request = question->request;
	const struct client *client = question->facts->client;
	const char *uri = request->post_logout_redirect_uri;
	if (!uri || !logout_client_id(request, question->hint))
		return true;
	if (!client) {
		show_page(out,
			error_make(arena, ERROR_INVALID_REQUEST,
				"post_logout_redirect_uri requires the client_id of a "
				"registered client. Received %s.",
				error_shown(arena, logout_client_id(request, question->hint))));
		return false;
	}
	if (!client_has_post_logout_redirect_uri(client, uri)) {
		show_page(
			out, error_make(arena, ERROR_INVALID_REQUEST,
				     "post_logout_redirect_uri does not match a registered value. "
				     "Received %s; registered: %s.",
				     error_shown(arena, uri),
				     client_uris_text(arena, &client->post_logout_redirect_uris)));
		return false;
	}
	struct param state = {"state", request->state};
	out->location = authz_response_append(arena, uri, &state, 1);
	return true;
}

void logout_decide(
	struct arena *arena, const struct logout_question *question, struct logout_decision *out)
{
	const struct logout_request *request = question->request;
	const struct logout_hint *hint = question->hint;
	const struct logout_facts *facts = question->facts;
	*out = (struct logout_decision){.outcome = LOGOUT_ASK};
	/* s2: with both given, they must name one client */
	if (hint->client_id && request->client_id && !str_eq(hint->client_id, request->client_id)) {
		show_page(out, error_make(arena, ERROR_INVALID_REQUEST,
				       "client_id does not match the client of id_token_hint. "
				       "Received %s; the hint is for %s.",
				       error_shown(arena, request->client_id),
				       error_shown(arena, hint->client_id)));
		return;
	}
	if (!location_good(arena, question, out))
		return;
	if (!facts->signed_in || facts->confirmed || facts->hint_is_citizen)
		out->outcome = LOGOUT_END;
}
