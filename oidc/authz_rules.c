/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/authz_rules.h"
#include "idp/base/jose.h"
#include "oidc/pkce.h"
#include "oidc/scope.h"
#include <string.h>

#define CHALLENGE_MIN 43
#define CHALLENGE_MAX 128
#define ACR_MAX 20 /* values */

/* Note the fault and answer false, so that a rule can return it. */
static bool refuse(struct authz_rules *r, struct error error)
{
	r->out->error = error;
	return false;
}

static bool refuse_value(
	struct authz_rules *r, const char *name, const char *expected, const char *received)
{
	return refuse(r, error_make(r->arena, ERROR_INVALID_REQUEST,
				 "%s is not valid. Received %s; expected %s.", name,
				 error_shown(r->arena, received), expected));
}

/* OIDC Core s6: request objects are not taken, and each has its own error. */
static bool take_request(struct authz_rules *r, const char *value)
{
	if (!value)
		return true;
	return refuse(r, error_make(r->arena, ERROR_REQUEST_NOT_SUPPORTED,
				 "request is not supported. Received a request object; expected "
				 "plain parameters (response_mode and state of an unsigned one "
				 "are used for this answer)."));
}

static bool take_request_uri(struct authz_rules *r, const char *value)
{
	if (!value)
		return true;
	return refuse(r, error_make(r->arena, ERROR_REQUEST_URI_NOT_SUPPORTED,
				 "request_uri is not supported. Received a request_uri; expected "
				 "plain parameters."));
}

static bool take_registration(struct authz_rules *r, const char *value)
{
	if (!value)
		return true;
	return refuse(r, error_make(r->arena, ERROR_REGISTRATION_NOT_SUPPORTED,
				 "registration is not supported. Received client metadata; "
				 "expected a registered client."));
}

static bool take_response_mode(struct authz_rules *r, const char *value)
{
	if (!value || str_eq(value, "query") || str_eq(value, "form_post"))
		return true;
	return refuse_value(r, "response_mode", "query or form_post", value);
}

static bool take_response_type(struct authz_rules *r, const char *value)
{
	if (!value)
		return refuse_value(r, "response_type", "code", value);
	if (str_eq(value, "code"))
		return true;
	return refuse(r, error_make(r->arena, ERROR_UNSUPPORTED_RESPONSE_TYPE,
				 "response_type is not supported. Received %s; expected code.",
				 error_shown(r->arena, value)));
}

/* scope-token of RFC 6749 s3.3, with the separating space. */
static bool scope_chars_good(const char *text)
{
	for (const char *c = text; *c; c++) {
		if (*c < 0x20 || *c > 0x7E || *c == '"' || *c == '\\')
			return false;
	}
	return true;
}

static bool scope_permitted(const struct client *client, const char *scope)
{
	return str_eq(scope, SCOPE_OPENID) || str_list_has(&client->scopes, scope);
}

/* Keep one scope value, drop it, or refuse it: see the header of authz_request.h. */
static bool take_scope_value(struct authz_rules *r, const char **items, const char *scope)
{
	struct str_list *list = &r->out->request.scope;
	if (!scope_known(scope) || str_list_has(list, scope))
		return true;
	const bool permitted = scope_permitted(r->client, scope);
	if (!permitted && str_eq(scope, SCOPE_OFFLINE))
		return true;
	if (!permitted)
		return refuse(r, error_make(r->arena, ERROR_INVALID_SCOPE,
					 "scope is not registered for this client. Received %s; "
					 "registered: %.200s.",
					 scope, str_join(r->arena, &r->client->scopes, " ")));
	items[list->n++] = scope;
	return true;
}

static bool take_scope(struct authz_rules *r, const char *value)
{
	if (!value || !scope_chars_good(value))
		return refuse(r, error_make(r->arena, ERROR_INVALID_SCOPE,
					 "scope is not valid. Received %s; expected names "
					 "separated by spaces, openid among them.",
					 error_shown(r->arena, value)));
	struct str_list asked = str_split(r->arena, value, ' ');
	const char **items = ARENA_ARRAY(r->arena, const char *, asked.n + 1);
	r->out->request.scope.items = items;
	for (size_t i = 0; i < asked.n; i++) {
		if (!take_scope_value(r, items, asked.items[i]))
			return false;
	}
	if (str_list_has(&r->out->request.scope, SCOPE_OPENID))
		return true;
	return refuse(r, error_make(r->arena, ERROR_INVALID_SCOPE,
				 "scope does not contain openid. Received %s; expected openid "
				 "and what else is registered.",
				 error_shown(r->arena, value)));
}

static bool take_nonce(struct authz_rules *r, const char *value)
{
	r->out->request.nonce = value;
	return true;
}

static bool challenge_good(const char *text)
{
	static const char *const unreserved =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	size_t len = strlen(text);
	return len >= CHALLENGE_MIN && len <= CHALLENGE_MAX && strspn(text, unreserved) == len;
}

/* RFC 7636 s4.3, s4.4.1: an absent method means plain, and plain is refused. */
static bool take_code_challenge(struct authz_rules *r, const char *value)
{
	const char *method = params_value(r->params, "code_challenge_method");
	if (!value && r->client->require_pkce)
		return refuse(r, error_make(r->arena, ERROR_INVALID_REQUEST,
					 "code_challenge is required for this client, with "
					 "code_challenge_method S256. Received nothing."));
	if (!value && method)
		return refuse(r, error_make(r->arena, ERROR_INVALID_REQUEST,
					 "code_challenge is required with code_challenge_method. "
					 "Received nothing."));
	if (!value)
		return true;
	if (!str_eq(method, PKCE_METHOD))
		return refuse(r, error_make(r->arena, ERROR_INVALID_REQUEST,
					 "code_challenge_method: transform algorithm not "
					 "supported. Received %s; expected S256.",
					 method ? error_shown(r->arena, method)
						: "nothing, which is plain"));
	if (!challenge_good(value))
		return refuse_value(r, "code_challenge", "43 to 128 of A-Z a-z 0-9 - . _ ~", value);
	r->out->request.code_challenge = value;
	return true;
}

static unsigned prompt_bit(const char *name)
{
	static const struct {
		const char *name;
		unsigned bit;
	} rows[] = {{"none", AUTHZ_PROMPT_NONE}, {"login", AUTHZ_PROMPT_LOGIN},
		{"consent", AUTHZ_PROMPT_CONSENT}, {"select_account", AUTHZ_PROMPT_SELECT_ACCOUNT}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].bit;
	}
	return 0;
}

static bool take_prompt(struct authz_rules *r, const char *value)
{
	struct str_list asked = str_split(r->arena, value, ' ');
	unsigned prompt = 0;
	for (size_t i = 0; i < asked.n; i++) {
		unsigned bit = prompt_bit(asked.items[i]);
		if (!bit)
			return refuse_value(
				r, "prompt", "none, login, consent or select_account", value);
		prompt |= bit;
	}
	if ((prompt & AUTHZ_PROMPT_NONE) && prompt != AUTHZ_PROMPT_NONE)
		return refuse_value(r, "prompt", "none alone", value);
	r->out->request.prompt = prompt;
	return true;
}

static bool take_max_age(struct authz_rules *r, const char *value)
{
	r->out->request.max_age_s = -1;
	if (!value)
		return true;
	if (strspn(value, "0123456789") != strlen(value))
		return refuse_value(r, "max_age", "seconds, a whole number from 0", value);
	int64_t age = 0;
	for (const char *c = value; *c && age <= AUTHZ_MAX_AGE_MAX; c++)
		age = age * 10 + (*c - '0');
	r->out->request.max_age_s = age > AUTHZ_MAX_AGE_MAX ? AUTHZ_MAX_AGE_MAX : age;
	return true;
}

static bool take_display(struct authz_rules *r, const char *value)
{
	static const char *const known[] = {"page", "popup", "touch", "wap"};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (str_eq(value, known[i]))
			r->out->request.display = known[i];
	}
	return true;
}

static bool take_ui_locales(struct authz_rules *r, const char *value)
{
	r->out->request.ui_locales = value;
	return true;
}

static bool take_claims_locales(struct authz_rules *r, const char *value)
{
	r->out->request.claims_locales = value;
	return true;
}

static bool take_login_hint(struct authz_rules *r, const char *value)
{
	r->out->request.login_hint = value;
	return true;
}

static bool take_id_token_hint(struct authz_rules *r, const char *value)
{
	r->out->request.id_token_hint = value;
	return true;
}

static bool take_acr_values(struct authz_rules *r, const char *value)
{
	struct str_list asked = str_split(r->arena, value, ' ');
	if (asked.n > ACR_MAX)
		return refuse(r, error_make(r->arena, ERROR_INVALID_REQUEST,
					 "acr_values has too many values. Received %zu; at most %d "
					 "are accepted.",
					 asked.n, ACR_MAX));
	r->out->request.acr_values = asked;
	return true;
}

/* OIDC Core s5.5. The text may hold a person's data: it is not shown. */
static bool take_claims(struct authz_rules *r, const char *value)
{
	struct claims_request asked;
	const char *fault = NULL;
	if (!value)
		return true;
	if (!claims_parse(r->arena, value, &asked, &fault))
		return refuse(r, error_make(r->arena, ERROR_INVALID_REQUEST,
					 "claims is not a valid claims request (OpenID Connect "
					 "Core section 5.5). Received: %s.",
					 fault));
	r->out->request.claims = claims_permitted(r->arena, &asked, &r->client->scopes);
	return true;
}

/* In order: the first fault is the one that is reported. take gets NULL where nothing was sent. */
static const struct rule {
	const char *name;
	size_t max; /* bytes */
	bool (*take)(struct authz_rules *r, const char *value);
} rules[] = {
	{"response_mode", AUTHZ_TEXT_MAX, take_response_mode},
	{"request", SIZE_MAX, take_request},
	{"request_uri", SIZE_MAX, take_request_uri},
	{"registration", SIZE_MAX, take_registration},
	{"response_type", AUTHZ_TEXT_MAX, take_response_type},
	{"scope", AUTHZ_TEXT_MAX, take_scope},
	{"nonce", AUTHZ_STATE_MAX, take_nonce},
	{"code_challenge", AUTHZ_TEXT_MAX, take_code_challenge},
	{"prompt", AUTHZ_TEXT_MAX, take_prompt},
	{"max_age", AUTHZ_TEXT_MAX, take_max_age},
	{"display", AUTHZ_TEXT_MAX, take_display},
	{"ui_locales", AUTHZ_TEXT_MAX, take_ui_locales},
	{"claims_locales", AUTHZ_TEXT_MAX, take_claims_locales},
	{"id_token_hint", AUTHZ_HINT_MAX, take_id_token_hint},
	{"login_hint", AUTHZ_TEXT_MAX, take_login_hint},
	{"acr_values", AUTHZ_TEXT_MAX, take_acr_values},
	{"claims", CLAIMS_TEXT_MAX, take_claims},
};

static bool too_long(struct authz_rules *r, const char *name, size_t max, const char *value)
{
	if (!value || strlen(value) <= max)
		return false;
	r->out->error = error_make(r->arena, ERROR_INVALID_REQUEST,
		"%s is too long. Received %zu bytes; at most %zu are accepted.", name,
		strlen(value), max);
	return true;
}

/* A parameter, or else the member of the unsigned request object. */
static const char *value_or_member(
	const struct authz_rules *r, const json_t *object, const char *name)
{
	const char *value = params_value(r->params, name);
	return value ? value : arena_strdup(r->arena, json_str(object, name));
}

bool authz_rules_error_target(struct authz_rules *r)
{
	struct authz_request *request = &r->out->request;
	const char *compact = params_value(r->params, "request");
	AUTO_JSON json_t *object = NULL;
	if (compact && jose_peek_unsigned(compact, &object).err != ERR_NONE)
		object = NULL;
	const char *mode = value_or_member(r, object, "response_mode");
	request->mode = str_eq(mode, "form_post") ? AUTHZ_MODE_FORM_POST : AUTHZ_MODE_QUERY;
	const char *state = value_or_member(r, object, "state");
	if (too_long(r, "state", AUTHZ_STATE_MAX, state))
		return false;
	request->state = state;
	return true;
}

bool authz_rules_all(struct authz_rules *r)
{
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		const char *value = params_value(r->params, rules[i].name);
		if (too_long(r, rules[i].name, rules[i].max, value))
			return false;
		if (!rules[i].take(r, value))
			return false;
	}
	return true;
}
