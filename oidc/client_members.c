/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/client_members.h"
#include "idp/base/nearest.h"
#include "oidc/client_auth.h"
#include "oidc/error.h"
#include "oidc/uri.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ITEMS_MAX 32 /* of one array */
#define NAME_MAX 256 /* bytes */
#define KEYS_MAX 16 /* of one jwks */
#define MAX_AGE_MAX 31536000 /* seconds: a year */

/* One member that is being read. */
struct slot {
	struct client_draft *draft;
	const char *path; /* names it in a fault */
	const json_t *value;
	void *out; /* the draft's place for it */
	const char *const *words;
};

struct member {
	const char *name;
	bool (*read)(const struct slot *slot);
	size_t offset; /* of the place in struct client_draft */
	const char *const *words; /* for read_word: by enum value, ended by NULL */
};

bool client_members_fault(struct client_draft *draft, const char *path, const char *format, ...)
{
	char text[sizeof(draft->fault->text)];
	va_list list;
	if (!draft->fault)
		return false;
	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	struct error cleaned = error_make(draft->arena, ERROR_INVALID_REQUEST, "%s", text);
	snprintf(draft->fault->text, sizeof(draft->fault->text), "%s", cleaned.description);
	cleaned = error_make(
		draft->arena, ERROR_INVALID_REQUEST, "%s", error_shown(draft->arena, path));
	snprintf(draft->fault->path, sizeof(draft->fault->path), "%s", cleaned.description);
	return false;
}

static bool expected(const struct slot *slot, const char *what)
{
	static const char *const kinds[] = {[JSON_OBJECT] = "an object",
		[JSON_ARRAY] = "an array",
		[JSON_STRING] = "a text",
		[JSON_INTEGER] = "a number",
		[JSON_REAL] = "a fraction",
		[JSON_TRUE] = "true",
		[JSON_FALSE] = "false",
		[JSON_NULL] = "null"};
	struct arena *arena = slot->draft->arena;
	const char *received = json_is_string(slot->value)
				       ? error_shown(arena, json_string_value(slot->value))
				       : kinds[json_typeof(slot->value)];
	return client_members_fault(
		slot->draft, slot->path, "expected %s, received %s", what, received);
}

static bool take_text(const struct slot *slot, size_t max)
{
	const char *text = json_string_value(slot->value);
	if (str_empty(text) || strlen(text) > max)
		return expected(
			slot, arena_printf(slot->draft->arena, "a text of 1 to %zu bytes", max));
	*(const char **)slot->out = arena_strdup(slot->draft->arena, text);
	return true;
}

static bool read_name(const struct slot *slot)
{
	return take_text(slot, NAME_MAX);
}

static bool read_text(const struct slot *slot)
{
	return take_text(slot, URI_MAX);
}

static bool read_flag(const struct slot *slot)
{
	if (!json_is_boolean(slot->value))
		return expected(slot, "true or false");
	*(bool *)slot->out = json_is_true(slot->value);
	return true;
}

static bool read_max_age(const struct slot *slot)
{
	json_int_t age = json_integer_value(slot->value);
	if (!json_is_integer(slot->value) || age < 0 || age > MAX_AGE_MAX)
		return expected(slot, "whole seconds, 0 to 31536000");
	*(int64_t *)slot->out = age;
	return true;
}

static bool read_word(const struct slot *slot)
{
	const char *text = json_string_value(slot->value);
	struct buf all = buf_new(slot->draft->arena);
	for (int i = 0; slot->words[i]; i++) {
		if (str_eq(text, slot->words[i])) {
			*(int *)slot->out = i;
			return true;
		}
		buf_printf(&all, "%s%s", i ? " or " : "", slot->words[i]);
	}
	return expected(slot, all.text);
}

static bool read_auth_method(const struct slot *slot)
{
	const char *names[CLIENT_AUTH_METHODS_N + 1] = {NULL};
	for (size_t i = 0; i < CLIENT_AUTH_METHODS_N; i++)
		names[i] = client_auth_row((enum client_auth_method)i)->name;
	struct slot words = *slot;
	words.words = names;
	return read_word(&words);
}

static bool read_alg(const struct slot *slot)
{
	const char *text = json_string_value(slot->value);
	return (text && jose_alg_parse(text, slot->out)) || expected(slot, "ES256, RS256 or PS256");
}

static bool read_web_uri(const struct slot *slot)
{
	struct uri uri;
	if (!read_text(slot))
		return false;
	if (!uri_parse(slot->draft->arena, *(const char **)slot->out, &uri) || !uri_is_web(&uri) ||
		uri.has_userinfo)
		return expected(slot, "an absolute https URI");
	return true;
}

static bool read_client_id(const struct slot *slot)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789-._~:/";
	const char *text = json_string_value(slot->value);
	size_t n = text ? strlen(text) : 0;
	if (n == 0 || n > 128 || strspn(text, allowed) != n)
		return expected(slot, "1 to 128 characters of A-Z a-z 0-9 - . _ ~ : /");
	return read_name(slot);
}

/* One item of an array; the path gets its number. */
static struct slot item_slot(const struct slot *slot, size_t i)
{
	struct slot item = *slot;
	item.path = arena_printf(slot->draft->arena, "%s[%zu]", slot->path, i);
	item.value = json_array_get(slot->value, i);
	return item;
}

/* An array of texts, each once. */
static bool read_list(const struct slot *slot)
{
	size_t n = json_array_size(slot->value);
	if (!json_is_array(slot->value) || n > ITEMS_MAX)
		return expected(slot, "an array of at most 32 texts");
	struct str_list list = {ARENA_ARRAY(slot->draft->arena, const char *, n + 1), 0};
	for (size_t i = 0; i < n; i++) {
		struct slot item = item_slot(slot, i);
		const char *text = NULL;
		item.out = &text;
		if (!read_text(&item))
			return false;
		if (str_list_has(&list, text))
			return expected(&item, "each value once");
		list.items[list.n++] = text;
	}
	*(struct str_list *)slot->out = list;
	return true;
}

static bool read_uris(const struct slot *slot)
{
	const struct str_list *list = slot->out;
	if (!read_list(slot))
		return false;
	for (size_t i = 0; i < list->n; i++) {
		struct slot item = item_slot(slot, i);
		struct uri uri;
		if (!uri_parse(slot->draft->arena, list->items[i], &uri))
			return expected(&item, "an absolute URI");
		if (uri.has_fragment || uri.has_userinfo)
			return expected(&item, "a URI without fragment and user name");
	}
	return true;
}

static bool read_key(const struct slot *slot)
{
	struct client_draft *draft = slot->draft;
	if (json_object_get(slot->value, "d") || json_object_get(slot->value, "k"))
		return client_members_fault(draft, slot->path,
			"expected a public key, received a private or symmetric one");
	/* RFC 7517 s4.2: a key for encryption is none to verify with. */
	if (str_eq(json_str(slot->value, "use"), "enc"))
		return true;
	if (jose_key_from_jwk(slot->value, &draft->keys[draft->client.keys.n]).err != ERR_NONE)
		return client_members_fault(draft, slot->path,
			"expected a JWK of kty EC on P-256, or RSA of at least 2048 bits");
	draft->client.keys.n++;
	return true;
}

static bool read_jwks(const struct slot *slot)
{
	struct client_draft *draft = slot->draft;
	struct slot keys = *slot;
	keys.path = arena_printf(draft->arena, "%s.keys", slot->path);
	keys.value = json_arr(slot->value, "keys");
	size_t n = json_array_size(keys.value);
	if (n == 0 || n > KEYS_MAX)
		return expected(slot, "an object with keys, an array of 1 to 16 public JWKs");
	draft->keys = ARENA_ARRAY(draft->arena, struct jose_key *, n);
	draft->client.keys.items = draft->keys;
	for (size_t i = 0; i < n; i++) {
		struct slot item = item_slot(&keys, i);
		if (!read_key(&item))
			return false;
	}
	return true;
}

static bool refuse_jwks_uri(const struct slot *slot)
{
	return client_members_fault(slot->draft, slot->path,
		"expected the keys themselves in jwks: keys are not fetched");
}

static const char *const subject_types[] = {
	[CLIENT_SUBJECT_PAIRWISE] = "pairwise", [CLIENT_SUBJECT_PUBLIC] = "public", NULL};
static const char *const application_types[] = {
	[CLIENT_APPLICATION_WEB] = "web", [CLIENT_APPLICATION_NATIVE] = "native", NULL};

#define AT(member) offsetof(struct client_draft, member)

/* clang-format off */
static const struct member members[] = {
	{"client_id", read_client_id, AT(client.client_id), NULL},
	{"client_name", read_name, AT(client.name), NULL},
	{"client_name#th", read_name, AT(client.name_th), NULL},
	{"client_name#en", read_name, AT(client.name_en), NULL},
	{"purpose", read_name, AT(client.purpose), NULL},
	{"purpose#th", read_name, AT(client.purpose_th), NULL},
	{"purpose#en", read_name, AT(client.purpose_en), NULL},
	{"client_uri", read_web_uri, AT(client.client_uri), NULL},
	{"logo_uri", read_web_uri, AT(client.logo_uri), NULL},
	{"policy_uri", read_web_uri, AT(client.policy_uri), NULL},
	{"tos_uri", read_web_uri, AT(client.tos_uri), NULL},
	{"redirect_uris", read_uris, AT(client.redirect_uris), NULL},
	{"post_logout_redirect_uris", read_uris, AT(client.post_logout_redirect_uris), NULL},
	{"token_endpoint_auth_method", read_auth_method, AT(auth_method), NULL},
	{"token_endpoint_auth_signing_alg", read_alg, AT(auth_alg), NULL},
	{"token_endpoint_auth_method_strict", read_flag, AT(client.auth_method_strict), NULL},
	{"jwks", read_jwks, AT(keys), NULL},
	{"jwks_uri", refuse_jwks_uri, AT(keys), NULL},
	{"id_token_signed_response_alg", read_alg, AT(client.id_token_alg), NULL},
	{"access_token_signed_response_alg", read_alg, AT(client.access_token_alg), NULL},
	{"subject_type", read_word, AT(subject_type), subject_types},
	{"sector_identifier_uri", read_web_uri, AT(sector_identifier_uri), NULL},
	{"application_type", read_word, AT(application_type), application_types},
	{"scope", read_text, AT(scope), NULL},
	{"grant_types", read_list, AT(grant_types), NULL},
	{"response_types", read_list, AT(response_types), NULL},
	{"contacts", read_list, AT(contacts), NULL},
	{"software_id", read_name, AT(software_id), NULL},
	{"software_version", read_name, AT(software_version), NULL},
	{"require_pkce", read_flag, AT(client.require_pkce), NULL},
	{"require_consent", read_flag, AT(client.require_consent), NULL},
	{"default_max_age", read_max_age, AT(client.default_max_age_s), NULL},
	{"require_auth_time", read_flag, AT(client.require_auth_time), NULL},
	{"initiate_login_uri", read_web_uri, AT(client.initiate_login_uri), NULL},
	{"iss_in_error_responses", read_flag, AT(client.iss_in_error_responses), NULL},
};
/* clang-format on */
#define MEMBERS (sizeof(members) / sizeof(members[0]))
_Static_assert(MEMBERS <= 64, "struct client_draft's given holds a bit for each");

/* The row of the member, MEMBERS if there is none. */
static size_t row_of(const char *name)
{
	size_t i = 0;
	while (i < MEMBERS && !str_eq(members[i].name, name))
		i++;
	return i;
}

bool client_members_given(const struct client_draft *draft, const char *name)
{
	size_t i = row_of(name);
	return i < MEMBERS && (draft->given >> i & 1);
}

/* ours: what `pratu apply` takes besides the metadata, and removes before it asks us. */
static bool unknown_member(struct client_draft *draft, const char *name)
{
	static const char *const ours[] = {"client_secret", "agency", "disabled"};
	const size_t n_ours = sizeof ours / sizeof ours[0];
	const char *names[MEMBERS + sizeof ours / sizeof ours[0] + 1] = {NULL};
	for (size_t i = 0; i < MEMBERS; i++)
		names[i] = members[i].name;
	for (size_t i = 0; i < n_ours; i++)
		names[MEMBERS + i] = ours[i];
	const char *meant = nearest_word(name, names);
	return client_members_fault(draft, name, "is not a member that is known here%s%s%s",
		meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
}

bool client_members_read(struct client_draft *draft, const json_t *metadata)
{
	if (!json_is_object(metadata))
		return client_members_fault(draft, "client", "expected an object");
	/* jansson's iterator wants a pointer that is not const, and changes nothing. */
	union {
		const json_t *in;
		json_t *out;
	} object = {metadata};
	const char *name;
	json_t *value;
	json_object_foreach(object.out, name, value)
	{
		size_t i = row_of(name);
		if (i == MEMBERS)
			return unknown_member(draft, name);
		draft->given |= UINT64_C(1) << i;
		struct slot slot = {draft, members[i].name, value,
			(char *)draft + members[i].offset, members[i].words};
		if (!members[i].read(&slot))
			return false;
	}
	return true;
}
