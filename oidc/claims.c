/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/claims.h"
#include "oidc/scope.h"
#include <string.h>

#define NAME_MAX_LEN 64 /* bytes of a claim's name with its language tag */

/* What the vault sets itself, and which may still be asked for, with values: OIDC Core s5.5.1. */
static bool is_protocol(const char *name)
{
	return str_eq(name, "sub") || str_eq(name, "acr") || str_eq(name, "auth_time");
}

/* The name before '#', in the arena. */
static const char *bare(struct arena *arena, const char *name)
{
	return arena_strndup(arena, name, strcspn(name, "#"));
}

/* The scope that holds name, whatever its language tag; NULL: no claim of ours. */
static const char *scope_of(struct arena *arena, const char *name)
{
	return scope_of_claim(bare(arena, name));
}

/* BCP 47: letters, digits and hyphens, s5.2. */
static bool tag_valid(const char *name)
{
	const char *hash = strchr(name, '#');
	if (!hash)
		return true;
	static const char *const chars =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
	return hash[1] && strspn(hash + 1, chars) == strlen(hash + 1);
}

static bool understood(struct arena *arena, const char *name)
{
	if (is_protocol(name))
		return true;
	return strlen(name) <= NAME_MAX_LEN && tag_valid(name) && scope_of(arena, name);
}

static const char *const place_names[CLAIMS_PLACES] = {
	[CLAIMS_ID_TOKEN] = "id_token",
	[CLAIMS_USERINFO] = "userinfo",
};

/* The texts among value and values; another type of value is none of ours. NULL fault:
 * well-formed. */
static const char *read_values(struct arena *arena, const json_t *ask, struct str_list *out)
{
	const json_t *values = json_object_get(ask, "values");
	if (values && !json_is_array(values))
		return "values must be an array";
	size_t n = json_array_size(values);
	if (n > CLAIMS_VALUES_MAX)
		return "values holds too many";
	const char **items = ARENA_ARRAY(arena, const char *, n + 1);
	const char *one = json_str(ask, "value");
	if (one)
		items[out->n++] = arena_strdup(arena, one);
	for (size_t i = 0; i < n; i++) {
		const char *text = json_string_value(json_array_get(values, i));
		if (text)
			items[out->n++] = arena_strdup(arena, text);
	}
	out->items = items;
	return NULL;
}

static const char *read_ask(
	struct arena *arena, const char *name, const json_t *value, struct claims_ask *out)
{
	*out = (struct claims_ask){.name = arena_strdup(arena, name)};
	if (json_is_null(value))
		return NULL;
	if (!json_is_object(value))
		return "must be null or an object";
	const json_t *essential = json_object_get(value, "essential");
	if (essential && !json_is_boolean(essential))
		return "essential must be true or false";
	out->essential = json_is_true(essential);
	return read_values(arena, value, &out->values);
}

static bool read_place(
	struct arena *arena, const json_t *members, struct claims_asks *out, const char **fault)
{
	struct claims_ask *items = ARENA_ARRAY(arena, struct claims_ask, CLAIMS_ASKS_MAX);
	const char *name;
	json_t *value;
	/* jansson iterates by a key pointer that it takes as not const */
	json_object_foreach((json_t *)(uintptr_t)members, name, value)
	{
		struct claims_ask ask;
		const char *wrong = read_ask(arena, name, value, &ask);
		if (wrong) {
			*fault = arena_printf(arena, "a member of claims %s", wrong);
			return false;
		}
		if (!understood(arena, name))
			continue;
		if (out->n == CLAIMS_ASKS_MAX) {
			*fault = arena_printf(arena, "more than %d claims", CLAIMS_ASKS_MAX);
			return false;
		}
		items[out->n++] = ask;
	}
	out->items = items;
	return true;
}

bool claims_from_json(
	struct arena *arena, const json_t *object, struct claims_request *out, const char **fault)
{
	struct claims_request request = {0};
	for (int i = 0; object && i < CLAIMS_PLACES; i++) {
		const json_t *members = json_object_get(object, place_names[i]);
		if (!members || json_is_null(members))
			continue;
		if (!json_is_object(members)) {
			*fault = arena_printf(arena, "%s must be an object", place_names[i]);
			return false;
		}
		if (!read_place(arena, members, &request.place[i], fault))
			return false;
	}
	*out = request;
	return true;
}

bool claims_parse(
	struct arena *arena, const char *text, struct claims_request *out, const char **fault)
{
	size_t len = strlen(text);
	if (len > CLAIMS_TEXT_MAX) {
		*fault = arena_printf(arena, "more than %d bytes", CLAIMS_TEXT_MAX);
		return false;
	}
	AUTO_JSON json_t *object = NULL;
	struct json_fault where = {0};
	if (json_parse(text, len, &object, &where).err != ERR_NONE) {
		*fault = arena_printf(arena, "not JSON, at column %d", where.column);
		return false;
	}
	if (!json_is_object(object)) {
		*fault = "not a JSON object";
		return false;
	}
	return claims_from_json(arena, object, out, fault);
}

static json_t *ask_to_json(const struct claims_ask *ask)
{
	if (!ask->essential && !ask->values.n)
		return json_null();
	json_t *object = json_object();
	if (ask->essential)
		json_put_flag(object, "essential", true);
	if (!ask->values.n)
		return object;
	json_t *values = json_array();
	for (size_t i = 0; i < ask->values.n; i++)
		json_array_append_new(values, json_string(ask->values.items[i]));
	json_put_new(object, "values", values);
	return object;
}

json_t *claims_to_json(const struct claims_request *request)
{
	json_t *object = json_object();
	for (int i = 0; i < CLAIMS_PLACES; i++) {
		const struct claims_asks *asks = &request->place[i];
		if (!asks->n)
			continue;
		json_t *members = json_object();
		for (size_t k = 0; k < asks->n; k++)
			json_put_new(members, asks->items[k].name, ask_to_json(&asks->items[k]));
		json_put_new(object, place_names[i], members);
	}
	return object;
}

struct claims_request claims_permitted(
	struct arena *arena, const struct claims_request *request, const struct str_list *scopes)
{
	struct claims_request out = {0};
	for (int i = 0; i < CLAIMS_PLACES; i++) {
		const struct claims_asks *asks = &request->place[i];
		struct claims_ask *items = ARENA_ARRAY(arena, struct claims_ask, asks->n + 1);
		for (size_t k = 0; k < asks->n; k++) {
			const char *scope = scope_of(arena, asks->items[k].name);
			if (!scope || str_list_has(scopes, scope))
				items[out.place[i].n++] = asks->items[k];
		}
		out.place[i].items = items;
	}
	return out;
}

const struct claims_ask *claims_find(
	const struct claims_request *request, enum claims_place place, const char *name)
{
	const struct claims_asks *asks = &request->place[place];
	for (size_t i = 0; i < asks->n; i++) {
		if (str_eq(asks->items[i].name, name))
			return &asks->items[i];
	}
	return NULL;
}

#define NAMES_MAX \
	(64 + CLAIMS_PLACES * CLAIMS_ASKS_MAX) /* all scopes' claims and all that may be asked */

static void add_name(struct str_list *list, const char **items, const char *name)
{
	if (list->n < NAMES_MAX && !str_list_has(list, name))
		items[list->n++] = name;
}

static void add_asked(struct arena *arena, const struct claims_grant *grant, bool beyond,
	struct str_list *list, const char **items)
{
	for (int i = 0; i < CLAIMS_PLACES; i++) {
		const struct claims_asks *asks = &grant->request.place[i];
		for (size_t k = 0; k < asks->n; k++) {
			const char *name = asks->items[k].name;
			const char *scope = scope_of(arena, name);
			if (is_protocol(name) || !scope)
				continue;
			if (!beyond || !str_list_has(&grant->scope, scope))
				add_name(list, items, name);
		}
	}
}

struct str_list claims_names(struct arena *arena, const struct claims_grant *grant)
{
	const char **items = ARENA_ARRAY(arena, const char *, NAMES_MAX);
	struct str_list list = {items, 0};
	for (size_t i = 0; i < grant->scope.n; i++) {
		const char *const *name = scope_claims(grant->scope.items[i]);
		for (; *name; name++)
			add_name(&list, items, *name);
	}
	add_asked(arena, grant, false, &list, items);
	return list;
}

struct str_list claims_beyond_scope(struct arena *arena, const struct claims_grant *grant)
{
	const char **items = ARENA_ARRAY(arena, const char *, NAMES_MAX);
	struct str_list list = {items, 0};
	add_asked(arena, grant, true, &list, items);
	return list;
}

bool claims_has_national_id(const struct claims_grant *grant, enum claims_place place)
{
	if (grant->shown_only && !str_list_has(&grant->shown, SCOPE_NATIONAL_ID))
		return false;
	if (claims_find(&grant->request, place, SCOPE_NATIONAL_ID))
		return true;
	return place == CLAIMS_USERINFO && str_list_has(&grant->scope, SCOPE_NATIONAL_ID);
}

/* s5.3.2: a claim without a value is left out, never null, "" or an address of no members. */
static bool is_value(const json_t *value)
{
	if (json_is_object(value))
		return json_object_size(value) > 0;
	return value && !json_is_null(value) && !str_eq(json_string_value(value), "");
}

struct str_list claims_offered(
	struct arena *arena, const struct claims_grant *grant, const json_t *stored)
{
	struct str_list all = claims_names(arena, grant);
	struct str_list out = {all.items, 0};
	for (size_t i = 0; i < all.n; i++) {
		const char *name = all.items[i];
		if (!stored || str_eq(name, SCOPE_NATIONAL_ID) || str_eq(name, "updated_at") ||
			is_value(json_object_get(stored, name)))
			out.items[out.n++] = name;
	}
	return out;
}

void claims_read_shown(struct arena *arena, const json_t *object, struct claims_grant *grant)
{
	const json_t *names = json_arr(object, "shown");
	const char **items = ARENA_ARRAY(arena, const char *, json_array_size(names) + 1);
	grant->shown_only = names != NULL;
	grant->shown = (struct str_list){items, 0};
	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));
		if (name)
			items[grant->shown.n++] = arena_strdup(arena, name);
	}
}

json_t *claims_grant_to_json(const struct claims_grant *grant)
{
	json_t *object = claims_to_json(&grant->request);
	if (!grant->shown_only)
		return object;
	json_t *names = json_array();
	for (size_t i = 0; i < grant->shown.n; i++)
		json_array_append_new(names, json_string(grant->shown.items[i]));
	json_put_new(object, "shown", names);
	return object;
}

static bool may_give(const struct claims_grant *grant, const char *name)
{
	return !grant->shown_only || str_list_has(&grant->shown, name);
}

static void put_stored(json_t *out, const char *name, const struct claims_source *source)
{
	if (str_eq(name, SCOPE_NATIONAL_ID)) {
		json_put(out, name, source->national_id);
		return;
	}
	json_t *value = json_object_get(source->stored, name);
	if (!value && str_eq(name, "updated_at") && source->updated_at_s > 0)
		json_put_int(out, name, source->updated_at_s);
	if (is_value(value))
		json_object_set(out, name, value);
}

void claims_put(json_t *out, enum claims_place place, const struct claims_grant *grant,
	const struct claims_source *source)
{
	for (size_t i = 0; place == CLAIMS_USERINFO && i < grant->scope.n; i++) {
		const char *const *name = scope_claims(grant->scope.items[i]);
		for (; *name; name++)
			if (may_give(grant, *name))
				put_stored(out, *name, source);
	}
	const struct claims_asks *asks = &grant->request.place[place];
	for (size_t i = 0; i < asks->n; i++) {
		const char *name = asks->items[i].name;
		if (!is_protocol(name) && may_give(grant, name))
			put_stored(out, name, source);
	}
}
