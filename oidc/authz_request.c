/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/authz_request.h"
#include "oidc/authz_rules.h"
#include "oidc/scope.h"
#include <string.h>

const char *authz_request_client_id(const struct params *params)
{
	const char *id = params_value(params, "client_id");
	if (!id || strlen(id) > AUTHZ_CLIENT_ID_MAX)
		return NULL;
	/* RFC 6749 appendix A.1: VSCHAR */
	for (const char *c = id; *c; c++) {
		if (*c < 0x20 || *c > 0x7E)
			return NULL;
	}
	return id;
}

static void answer_page(struct authz_parsed *out, const char *key, struct error error)
{
	out->verdict = AUTHZ_PAGE;
	out->page_key = key;
	out->error = error;
}

/* RFC 6749 s3.1.2.4, s4.1.2.1: without these two there is nobody to send an error to. */
static bool find_client(struct authz_rules *r)
{
	const char *received = params_value(r->params, "client_id");
	if (!r->client) {
		answer_page(r->out, "error.client_unknown",
			error_make(r->arena, ERROR_INVALID_REQUEST,
				"client_id does not match a registered client. Received %s.",
				error_shown(r->arena, received)));
		return false;
	}
	const char *uri = params_value(r->params, "redirect_uri");
	if (!uri || !client_has_redirect_uri(r->client, uri)) {
		answer_page(r->out, "error.redirect_uri",
			error_make(r->arena, ERROR_INVALID_REQUEST,
				"redirect_uri does not match a registered value. Received %s; "
				"registered: %s.",
				error_shown(r->arena, uri),
				client_uris_text(r->arena, &r->client->redirect_uris)));
		return false;
	}
	r->out->request.client_id = r->client->client_id;
	r->out->request.redirect_uri = uri;
	return true;
}

static struct error broken(struct authz_rules *r, enum params_verdict verdict)
{
	const char *name = verdict == PARAMS_REPEATED ? r->params->fault : NULL;
	return error_make(r->arena, ERROR_INVALID_REQUEST,
		"The request is malformed. Received: %s%s%s.", params_verdict_text(verdict),
		name ? ": " : "", name ? error_shown(r->arena, name) : "");
}

void authz_request_parse(struct arena *arena, const struct params *params,
	enum params_verdict verdict, const struct client *client, struct authz_parsed *out)
{
	*out = (struct authz_parsed){.verdict = AUTHZ_REDIRECT, .request.max_age_s = -1};
	struct authz_rules rules = {arena, params, client, out};
	if (!find_client(&rules))
		return;
	if (!authz_rules_error_target(&rules))
		return;
	if (verdict != PARAMS_OK)
		out->error = broken(&rules, verdict);
	else if (authz_rules_all(&rules))
		out->verdict = AUTHZ_GOOD;
}

static void refuse_hint(struct arena *arena, struct authz_parsed *parsed, const char *why)
{
	parsed->verdict = AUTHZ_REDIRECT;
	parsed->error = error_make(arena, ERROR_INVALID_REQUEST, "id_token_hint: %s.", why);
}

void authz_request_hint(struct arena *arena, struct authz_parsed *parsed, enum authz_hint hint,
	const json_t *claims, const char *issuer)
{
	const char *sub = json_str(claims, "sub");
	if (hint == AUTHZ_HINT_STALE)
		parsed->request.hint_stale = true;
	else if (hint == AUTHZ_HINT_BAD)
		refuse_hint(arena, parsed,
			"expected an ID token with a valid signature of this issuer");
	else if (!str_eq(json_str(claims, "iss"), issuer) || !sub)
		refuse_hint(arena, parsed,
			"expected an ID token whose iss is this issuer and that has a sub");
	else
		parsed->request.hint_sub = arena_strdup(arena, sub);
}

/* The members that are plain texts; one table for both ways. Keys have one letter, since every form
 * and address carries them. */
static const struct text_row {
	const char *name;
	size_t offset;
} texts[] = {
	{"c", offsetof(struct authz_request, client_id)},
	{"u", offsetof(struct authz_request, redirect_uri)},
	{"t", offsetof(struct authz_request, state)},
	{"n", offsetof(struct authz_request, nonce)},
	{"h", offsetof(struct authz_request, code_challenge)},
	{"d", offsetof(struct authz_request, display)},
	{"l", offsetof(struct authz_request, ui_locales)},
	{"k", offsetof(struct authz_request, claims_locales)},
	{"i", offsetof(struct authz_request, login_hint)},
	{"b", offsetof(struct authz_request, hint_sub)},
};
#define TEXTS (sizeof texts / sizeof texts[0])

static void put_list(json_t *object, const char *key, const struct str_list *list)
{
	if (!list->n)
		return;
	json_t *array = json_array();
	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(array, json_string(list->items[i]));
	json_put_new(object, key, array);
}

/* Members that have their default are left out. */
json_t *authz_request_to_json(const struct authz_request *request)
{
	json_t *object = json_object();
	for (size_t i = 0; i < TEXTS; i++) {
		const char *text;
		memcpy(&text, (const char *)request + texts[i].offset, sizeof text);
		json_put(object, texts[i].name, text);
	}
	if (request->mode == AUTHZ_MODE_FORM_POST)
		json_put(object, "m", "form_post");
	put_list(object, "s", &request->scope);
	put_list(object, "a", &request->acr_values);
	if (request->prompt)
		json_put_int(object, "p", (int64_t)request->prompt);
	if (request->max_age_s >= 0)
		json_put_int(object, "x", request->max_age_s);
	if (request->hint_stale)
		json_put_flag(object, "o", true);
	AUTO_JSON json_t *claims = claims_to_json(&request->claims);
	if (json_object_size(claims) > 0)
		json_object_set(object, "q", claims);
	return object;
}

static struct str_list read_list(struct arena *arena, const json_t *object, const char *key)
{
	const json_t *array = json_arr(object, key);
	const char **items = ARENA_ARRAY(arena, const char *, json_array_size(array) + 1);
	struct str_list list = {items, 0};
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *text = json_string_value(json_array_get(array, i));
		if (text)
			items[list.n++] = arena_strdup(arena, text);
	}
	return list;
}

struct result authz_request_from_json(
	struct arena *arena, const json_t *object, struct authz_request *out)
{
	struct authz_request request = {0};
	const char *fault = NULL;
	for (size_t i = 0; i < TEXTS; i++) {
		const char *text = arena_strdup(arena, json_str(object, texts[i].name));
		memcpy((char *)&request + texts[i].offset, &text, sizeof text);
	}
	request.mode = str_eq(json_str(object, "m"), "form_post") ? AUTHZ_MODE_FORM_POST
								  : AUTHZ_MODE_QUERY;
	request.scope = read_list(arena, object, "s");
	request.acr_values = read_list(arena, object, "a");
	request.prompt = (unsigned)json_int(object, "p", 0);
	request.max_age_s = json_int(object, "x", -1);
	request.hint_stale = json_flag(object, "o", false);
	if (!claims_from_json(arena, json_obj(object, "q"), &request.claims, &fault))
		FAIL(ERR_FORMAT);
	if (!request.client_id || !request.redirect_uri ||
		!str_list_has(&request.scope, SCOPE_OPENID))
		FAIL(ERR_FORMAT);
	*out = request;
	return OK;
}
