/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/cli/apply.h"
#include "idp/base/nearest.h"
#include <stdlib.h>

typedef void read_one(struct apply *apply, const json_t *source, const char *path);

/* Each item of an array of objects. */
static void each(struct apply *apply, const json_t *list, const char *path, read_one *one)
{
	size_t i;
	json_t *item;
	if (list && !json_is_array(list))
		apply_fault(apply, path, "expected an array, received %s", apply_kind(list));
	json_array_foreach(list, i, item)
	{
		const char *at = arena_printf(apply->cli->arena, "%s[%zu]", path, i);
		if (json_is_object(item))
			one(apply, item, at);
		else
			apply_fault(apply, at, "expected an object, received %s", apply_kind(item));
	}
}

static const json_t *find_agency(const struct apply *apply, const char *id)
{
	size_t i;
	json_t *agency;
	const json_t *agencies = json_object_get(apply->document, "agencies");
	json_array_foreach(agencies, i, agency)
	{
		if (id && str_eq(json_str(agency, "id"), id))
			return agency;
	}
	return NULL;
}

/* At the top level, "agency" names the one that it belongs to. */
static void read_client(struct apply *apply, const json_t *source, const char *path)
{
	const json_t *named = json_object_get(source, "agency");
	const json_t *agency = find_agency(apply, json_string_value(named));
	if (named && !agency)
		apply_fault(apply, arena_printf(apply->cli->arena, "%s.agency", path),
			"expected the id of one of the document's agencies, received %s",
			json_is_string(named) ? json_string_value(named) : apply_kind(named));
	apply_client_read(apply, source, agency, path);
}

static void read_own_clients(struct apply *apply, const json_t *agency, const char *path)
{
	const json_t *list = json_object_get(agency, "clients");
	size_t i;
	json_t *client;
	json_array_foreach(list, i, client)
	{
		const char *at = arena_printf(apply->cli->arena, "%s[%zu]", path, i);
		if (!json_is_object(client))
			apply_fault(
				apply, at, "expected an object, received %s", apply_kind(client));
		else if (json_object_get(client, "agency"))
			apply_fault(apply, arena_printf(apply->cli->arena, "%s.agency", at),
				"expected nothing: the client is listed within its agency");
		else
			apply_client_read(apply, client, agency, at);
	}
}

static bool is_one_of(const char *key, const char *const *names)
{
	for (; *names; names++)
		if (str_eq(key, *names))
			return true;
	return false;
}

static void check_agency_member(
	struct apply *apply, const char *key, const json_t *value, const char *path)
{
	static const char *const texts[] = {"id", "name", "name_th", "name_en", "client_uri",
		"logo_uri", "policy_uri", "tos_uri", "sector_identifier_uri", NULL};
	const char *at = arena_printf(apply->cli->arena, "%s.%s", path, key);
	if (str_eq(key, "clients")) {
		if (!json_is_array(value))
			apply_fault(apply, at, "expected an array, received %s", apply_kind(value));
	} else if (!is_one_of(key, texts)) {
		const char *meant = nearest_word(key, texts);
		apply_fault(apply, at, "no such member of an agency%s%s%s",
			meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
	} else if (!json_is_string(value) || json_string_length(value) == 0) {
		apply_fault(apply, at, "expected a text, received %s",
			json_is_string(value) ? "an empty one" : apply_kind(value));
	}
}

static void read_agency(struct apply *apply, const json_t *source, const char *path)
{
	const char *key;
	json_t *value;
	/* json_object_foreach wants a pointer that is not const, and changes nothing. */
	AUTO_JSON json_t *agency = json_copy((json_t *)(uintptr_t)source);
	json_object_foreach(agency, key, value)
	{
		check_agency_member(apply, key, value, path);
	}
	if (!json_object_get(source, "name"))
		apply_fault(apply, arena_printf(apply->cli->arena, "%s.name", path),
			"expected a text, received nothing");
	if (json_str(source, "id"))
		(void)apply_first(apply, "agency id", json_str(source, "id"), path);
	read_own_clients(apply, source, arena_printf(apply->cli->arena, "%s.clients", path));
}

static size_t count_clients(const json_t *document)
{
	size_t n = json_array_size(json_object_get(document, "clients")), i;
	json_t *agency;
	const json_t *agencies = json_object_get(document, "agencies");
	json_array_foreach(agencies, i, agency)
	{
		n += json_array_size(json_object_get(agency, "clients"));
	}
	return n;
}

static void *zeroed(size_t n, size_t size)
{
	void *made = calloc(n + 1, size);
	if (!made)
		abort();
	return made;
}

void apply_document_read(struct apply *apply)
{
	static const char *const names[] = {"agencies", "clients", "citizens", NULL};
	const char *key;
	json_t *value;
	if (!json_is_object(apply->document)) {
		apply_fault(apply, "",
			"expected an object with agencies, clients and citizens, received %s",
			apply_kind(apply->document));
		return;
	}
	json_object_foreach(apply->document, key, value)
	{
		if (!is_one_of(key, names))
			apply_fault(apply, key, "expected agencies, clients or citizens");
	}
	const json_t *citizens = json_object_get(apply->document, "citizens");
	apply->clients = zeroed(count_clients(apply->document), sizeof *apply->clients);
	apply->citizens = zeroed(json_array_size(citizens), sizeof *apply->citizens);
	each(apply, json_object_get(apply->document, "agencies"), "agencies", read_agency);
	each(apply, json_object_get(apply->document, "clients"), "clients", read_client);
	each(apply, citizens, "citizens", apply_citizen_read);
}
