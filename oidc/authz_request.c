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
				"registered: %.200s.",
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

/* The members that are plain texts; one table for both ways. */
static const struct text_row {
	const char *name;
	size_t offset;
} texts[] = {
	{"client_id", offsetof(struct authz_request, client_id)},
	{"redirect_uri", offsetof(struct authz_request, redirect_uri)},
	{"state", offsetof(struct authz_request, state)},
	{"nonce", offsetof(struct authz_request, nonce)},
	{"code_challenge", offsetof(struct authz_request, code_challenge)},
	{"display", offsetof(struct authz_request, display)},
	{"ui_locales", offsetof(struct authz_request, ui_locales)},
	{"claims_locales", offsetof(struct authz_request, claims_locales)},
	{"login_hint", offsetof(struct authz_request, login_hint)},
	{"hint_sub", offsetof(struct authz_request, hint_sub)},
};
#define TEXTS (sizeof texts / sizeof texts[0])

json_t *authz_request_to_json(const struct authz_request *request)
{
	json_t *object = json_object();
	for (size_t i = 0; i < TEXTS; i++) {
		const char *text;
		memcpy(&text, (const char *)request + texts[i].offset, sizeof text);
		json_put(object, texts[i].name, text);
	}
	json_put(object, "response_mode",
		request->mode == AUTHZ_MODE_FORM_POST ? "form_post" : "query");
	json_t *scope = json_array(), *acr = json_array();
	for (size_t i = 0; i < request->scope.n; i++)
		json_array_append_new(scope, json_string(request->scope.items[i]));
	for (size_t i = 0; i < request->acr_values.n; i++)
		json_array_append_new(acr, json_string(request->acr_values.items[i]));
	json_put_new(object, "scope", scope);
	json_put_new(object, "acr_values", acr);
	json_put_int(object, "prompt", (int64_t)request->prompt);
	json_put_int(object, "max_age", request->max_age_s);
	json_put_flag(object, "hint_stale", request->hint_stale);
	json_put_new(object, "claims", claims_to_json(&request->claims));
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
	request.mode = str_eq(json_str(object, "response_mode"), "form_post") ? AUTHZ_MODE_FORM_POST
									      : AUTHZ_MODE_QUERY;
	request.scope = read_list(arena, object, "scope");
	request.acr_values = read_list(arena, object, "acr_values");
	request.prompt = (unsigned)json_int(object, "prompt", 0);
	request.max_age_s = json_int(object, "max_age", -1);
	request.hint_stale = json_flag(object, "hint_stale", false);
	if (!claims_from_json(arena, json_obj(object, "claims"), &request.claims, &fault))
		FAIL(ERR_FORMAT);
	if (!request.client_id || !request.redirect_uri ||
		!str_list_has(&request.scope, SCOPE_OPENID))
		FAIL(ERR_FORMAT);
	*out = request;
	return OK;
}
