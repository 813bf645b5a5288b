/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/disclosure.h"
#include <stdio.h>
#include <string.h>

/* Claims of one group are one item of the list, each with its own text: key at its beginning, more
 * after a comma (NULL: it never follows another). show: a text that may accompany it. */
static const struct word {
	const char *claim, *key, *more;
	int group;
	bool show;
} words[] = {
	{"name", "claim.name", NULL, 1, true},
	{"given_name", "claim.given_name", "claim.given_name.more", 1, true},
	{"middle_name", "claim.middle_name", "claim.middle_name.more", 1, true},
	{"family_name", "claim.family_name", "claim.family_name.more", 1, true},
	{"nickname", "claim.nickname", NULL, 2, true},
	{"preferred_username", "claim.preferred_username", NULL, 3, true},
	{"profile", "claim.profile", NULL, 4, true},
	{"picture", "claim.picture", "claim.picture.more", 4, true},
	{"website", "claim.website", "claim.website.more", 4, true},
	{"gender", "claim.gender", NULL, 5, false},
	{"birthdate", "claim.birthdate", NULL, 6, false},
	{"zoneinfo", "claim.zoneinfo", NULL, 7, true},
	{"locale", "claim.locale", "claim.locale.more", 7, true},
	{"updated_at", "claim.updated_at", NULL, 8, false},
	{"email", "claim.email", NULL, 9, true},
	{"email_verified", "claim.email_verified", "claim.email_verified.more", 9, false},
	{"phone_number", "claim.phone_number", NULL, 10, true},
	{"phone_number_verified", "claim.phone_number_verified", "claim.phone_number_verified.more",
		10, false},
	{"address", "claim.address", NULL, 11, false},
	{"national_id", "claim.national_id", NULL, 12, false},
};
#define WORDS (sizeof words / sizeof words[0])
#define NAMES 1 /* the group of a name and its parts */
#define SHOWN_MAX 6 /* items; what is beyond is folded, */
#define FOLDED_MIN 3 /* where it is at least so many */
#define BUDDHIST_ERA 543
#define TAG '#' /* before a language tag: OIDC Core s5.2 */

/* The agency's name in the page's language. */
static const char *agency_name(const struct client *client, enum page_lang lang)
{
	const char *name = lang == PAGE_EN ? client->name_en : client->name_th;

	return name ? name : client->client_id;
}

/* Is claim among names, with or without a language tag? */
static bool named(const struct str_list *names, const char *claim)
{
	const size_t len = strlen(claim);
	for (size_t i = 0; i < names->n; i++) {
		const char *name = names->items[i];
		if (str_starts(name, claim) && (!name[len] || name[len] == TAG))
			return true;
	}
	return false;
}

static json_t *group_new(json_t *list)
{
	json_t *item = json_object();
	json_put_new(item, "parts", json_array());
	json_array_append_new(list, item);
	return item;
}

static void add_part(json_t *item, const struct word *word)
{
	json_t *parts = json_object_get(item, "parts");
	json_t *part = json_object();
	const bool more = json_array_size(parts) > 0;
	json_put(part, "label_key", more ? word->more : word->key);
	json_put_flag(part, "more", more);
	json_array_append_new(parts, part);
}

/* "1985-04-12" as day, month and year, of which the page makes words. */
static void put_date(json_t *item, const char *text, enum page_lang lang)
{
	int year = 0, month = 0, day = 0;
	if (!text || sscanf(text, "%4d-%2d-%2d", &year, &month, &day) != 3 || month < 1 ||
		month > 12 || year == 0)
		return;
	json_put_new(item, "date",
		json_pack("{s:i,s:o,s:i}", "day", day, "month_key", json_sprintf("month.%d", month),
			"year", lang == PAGE_TH ? year + BUDDHIST_ERA : year));
}

static void put_gender(json_t *item, const char *text)
{
	if (str_eq(text, "male") || str_eq(text, "female"))
		json_put_new(item, "value_key", json_sprintf("claim.gender.%s", text));
}

/* Behind what the item shows already. The parts of a name stand as in the name; where that itself
 * is asked for, it says them all. */
static void put_text(json_t *item, const struct word *word, const char *text,
	const struct disclosure *disclosure)
{
	const char *before = json_str(item, "value");
	const bool part = word->group == NAMES;
	if (!text || (part && before && named(&disclosure->names, "name")))
		return;
	if (before)
		json_put_new(
			item, "value", json_sprintf("%s%s%s", before, part ? " " : ", ", text));
	else
		json_put(item, "value", text);
}

/* The citizen's own, where a person can read it. */
static void put_value(json_t *item, const struct word *word, const struct disclosure *disclosure,
	enum page_lang lang)
{
	const char *text = json_str(disclosure->values, word->claim);
	if (str_eq(word->claim, "birthdate"))
		put_date(item, text, lang);
	else if (str_eq(word->claim, "gender"))
		put_gender(item, text);
	else if (str_eq(word->claim, "address"))
		json_put(item, "value",
			json_str(json_obj(disclosure->values, "address"), "formatted"));
	else if (word->show)
		put_text(item, word, text, disclosure);
}

static json_t *claim_list(const struct disclosure *disclosure, enum page_lang lang)
{
	json_t *list = json_array(), *item = NULL;
	int group = 0;
	for (size_t i = 0; i < WORDS; i++) {
		const struct word *word = &words[i];
		if (!named(&disclosure->names, word->claim))
			continue;
		if (word->group != group)
			item = group_new(list);
		group = word->group;
		add_part(item, word);
		put_value(item, word, disclosure, lang);
	}
	return list;
}

static void fold(json_t *data, json_t *claims)
{
	const size_t n = json_array_size(claims);
	if (n < SHOWN_MAX + FOLDED_MIN)
		return;
	for (size_t i = SHOWN_MAX; i < n; i++)
		json_put_flag(json_array_get(claims, i), "rest", true);
	json_put_int(data, "folded", (int64_t)n - SHOWN_MAX);
}

static void put_link(json_t *links, const char *name, const char *url)
{
	if (url && str_starts(url, "https://"))
		json_put(links, name, url);
}

void disclosure_put(json_t *data, const struct disclosure *disclosure, enum page_lang lang)
{
	const struct client *client = disclosure->client;
	json_t *links = json_object();

	put_link(links, "site", client->client_uri);
	put_link(links, "policy", client->policy_uri);
	put_link(links, "tos", client->tos_uri);
	json_put(data, "agency", agency_name(client, lang));
	json_put(data, "subject_key",
		client->subject_public ? "disclosure.public" : "disclosure.pairwise");
	json_put(data, "purpose", lang == PAGE_EN ? client->purpose_en : client->purpose_th);
	json_t *claims = claim_list(disclosure, lang);
	json_put_new(data, "claims", claims);
	fold(data, claims);
	json_put_flag(data, "offline", disclosure->offline);
	if (json_object_size(links) > 0)
		json_put_new(data, "links", links);
	else
		json_decref(links);
}

const char *disclosure_name(struct arena *arena, const json_t *claims)
{
	const char *name = json_str(claims, "name");
	const char *given = json_str(claims, "given_name");
	const char *family = json_str(claims, "family_name");

	if (name || !(given || family))
		return arena_strdup(arena, name);
	return arena_printf(arena, "%s%s%s", given ? given : "", given && family ? " " : "",
		family ? family : "");
}
