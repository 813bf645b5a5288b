/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/learn.h"
#include "oidc/scope.h"
#include <string.h>

/* Claims that mean the same to a citizen share a text. show: a text that may stand beside it. */
struct word {
	const char *claim, *key;
	bool show;
};

static const struct word WORDS[] = {
	{"name", "claim.name", true},
	{"family_name", "claim.name", false},
	{"given_name", "claim.name", false},
	{"middle_name", "claim.name", false},
	{"nickname", "claim.nickname", true},
	{"preferred_username", "claim.preferred_username", true},
	{"profile", "claim.profile", false},
	{"picture", "claim.profile", false},
	{"website", "claim.profile", false},
	{"gender", "claim.gender", false},
	{"birthdate", "claim.birthdate", false},
	{"zoneinfo", "claim.locale", false},
	{"locale", "claim.locale", false},
	{"updated_at", "claim.updated_at", false},
	{"email", "claim.email", true},
	{"email_verified", "claim.email", false},
	{"phone_number", "claim.phone_number", true},
	{"phone_number_verified", "claim.phone_number", false},
	{"address", "claim.address", false},
	{"national_id", "claim.national_id", false},
};

static const struct word *word_of(const char *claim)
{
	for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
		if (strcmp(WORDS[i].claim, claim) == 0)
			return &WORDS[i];
	}
	return NULL;
}

const char *learn_agency(const struct client *client, enum page_lang lang)
{
	const char *name = lang == PAGE_EN ? client->name_en : client->name_th;

	return name ? name : client->client_id;
}

static json_t *item_with(json_t *list, const char *key)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *item = json_array_get(list, i);
		if (str_eq(json_str(item, "label_key"), key))
			return item;
	}
	return NULL;
}

static void add_claim(json_t *list, const char *claim, const json_t *values)
{
	const struct word *word = word_of(claim);
	json_t *item = NULL;

	if (!word)
		return;
	item = item_with(list, word->key);
	if (!item) {
		item = json_object();
		json_put(item, "label_key", word->key);
		json_array_append_new(list, item);
	}
	if (word->show)
		json_put(item, "value", json_str(values, claim));
}

static bool has_scope(const json_t *scope, const char *name)
{
	for (size_t i = 0; i < json_array_size(scope); i++) {
		if (str_eq(json_string_value(json_array_get(scope, i)), name))
			return true;
	}
	return false;
}

static void put_link(json_t *links, const char *name, const char *url)
{
	if (url && str_starts(url, "https://"))
		json_put(links, name, url);
}

void learn_put(json_t *data, const struct learn *learn, enum page_lang lang)
{
	const struct client *client = learn->client;
	json_t *list = json_array();
	json_t *links = json_object();

	for (size_t i = 0; i < learn->asked->n; i++)
		add_claim(list, learn->asked->items[i], learn->values);
	put_link(links, "site", client->client_uri);
	put_link(links, "policy", client->policy_uri);
	put_link(links, "tos", client->tos_uri);
	json_put(data, "agency", learn_agency(client, lang));
	json_put(data, "subject_key", client->subject_public ? "learn.public" : "learn.pairwise");
	json_put_new(data, "claims", list);
	json_put_flag(data, "offline", has_scope(learn->scope, SCOPE_OFFLINE));
	if (json_object_size(links) > 0)
		json_put_new(data, "links", links);
	else
		json_decref(links);
}

const char *learn_name(struct arena *arena, const json_t *claims)
{
	const char *name = json_str(claims, "name");
	const char *given = json_str(claims, "given_name");
	const char *family = json_str(claims, "family_name");

	if (name || !(given || family))
		return arena_strdup(arena, name);
	return arena_printf(arena, "%s%s%s", given ? given : "", given && family ? " " : "",
		family ? family : "");
}
