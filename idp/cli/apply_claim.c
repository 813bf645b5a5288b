/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/cli/apply.h"
#include "oidc/uri.h"
#include <string.h>

#define TEXT_MAX 1000 /* bytes of one claim */
#define DIGITS "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* Returns what was expected, or NULL: the value is valid. */
typedef const char *check_value(struct arena *arena, const char *text);

static const char *check_text(struct arena *arena, const char *text)
{
	(void)arena;
	for (const char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 && *c != '\n')
			return "a text without control characters";
	return *text == '\0' ? "a text that is not empty" : NULL;
}

static const char *check_url(struct arena *arena, const char *text)
{
	struct uri uri;
	if (!uri_parse(arena, text, &uri) || uri.host[0] == '\0' ||
		(!str_eq(uri.scheme, "https") && !str_eq(uri.scheme, "http")))
		return "an http or https URL";
	return NULL;
}

/* RFC 5322 s3.4.1 as far as mail servers agree on it. */
static const char *check_email(struct arena *arena, const char *text)
{
	const char *at = strrchr(text, '@');
	(void)arena;
	if (!at || at == text || at[1] == '\0' || strlen(text) > 254 || strchr(text, '@') != at ||
		text[strcspn(text, " \t\n,;<>()[]\\\"")] != '\0')
		return "an e-mail address";
	return NULL;
}

/* E.164, perhaps with spaces, hyphens and parentheses, perhaps with an extension (RFC 3966). */
static const char *check_phone(struct arena *arena, const char *text)
{
	const char *expected = "a phone number such as +66 81 234 5678";
	size_t digits = 0;
	const char *c = text + (*text == '+' ? 1 : 0);
	(void)arena;
	for (; *c != '\0' && strchr(DIGITS " -()", *c); c++)
		digits += strchr(DIGITS, *c) ? 1 : 0;
	if (str_starts(c, ";ext=") && c[5] != '\0')
		c += 5 + strspn(c + 5, DIGITS);
	return *c != '\0' || digits < 5 || digits > 15 ? expected : NULL;
}

static int days_of(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	const bool leap = year == 0 || (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
	return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* OIDC Core s5.1: YYYY-MM-DD, 0000-MM-DD, or YYYY. */
static const char *check_birthdate(struct arena *arena, const char *text)
{
	const char *expected = "a date such as 1985-11-20 (or 1985, or 0000-11-20)";
	(void)arena;
	if (strlen(text) == 4 && cli_digits(text, 4) >= 0)
		return NULL;
	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
		return expected;
	const int year = cli_digits(text, 4), month = cli_digits(text + 5, 2),
		  day = cli_digits(text + 8, 2);
	if (year < 0 || month < 1 || month > 12)
		return expected;
	return day < 1 || day > days_of(year, month) ? expected : NULL;
}

static const char *check_zoneinfo(struct arena *arena, const char *text)
{
	(void)arena;
	return strspn(text, LETTERS DIGITS "_+-/") == strlen(text) && strlen(text) >= 3
		       ? NULL
		       : "a time zone's name such as Asia/Bangkok";
}

/* BCP 47, also with the underscore that many use. */
static const char *check_locale(struct arena *arena, const char *text)
{
	(void)arena;
	return strspn(text, LETTERS) >= 2 && strspn(text, LETTERS DIGITS "-_") == strlen(text)
		       ? NULL
		       : "a language tag such as th-TH";
}

static const struct claim {
	const char *name;
	enum { TEXT, FLAG, NUMBER, ADDRESS } type;
	bool tagged; /* may carry a language tag, OIDC Core s5.2 */
	check_value *check; /* of a TEXT */
} claims[] = {
	{"name", TEXT, true, check_text},
	{"given_name", TEXT, true, check_text},
	{"family_name", TEXT, true, check_text},
	{"middle_name", TEXT, true, check_text},
	{"nickname", TEXT, true, check_text},
	{"preferred_username", TEXT, false, check_text},
	{"profile", TEXT, true, check_url},
	{"picture", TEXT, true, check_url},
	{"website", TEXT, true, check_url},
	{"gender", TEXT, false, check_text},
	{"birthdate", TEXT, false, check_birthdate},
	{"zoneinfo", TEXT, false, check_zoneinfo},
	{"locale", TEXT, false, check_locale},
	{"updated_at", NUMBER, false, NULL},
	{"email", TEXT, false, check_email},
	{"email_verified", FLAG, false, NULL},
	{"phone_number", TEXT, false, check_phone},
	{"phone_number_verified", FLAG, false, NULL},
	{"address", ADDRESS, true, NULL},
};

static bool tag_good(const char *tag)
{
	return strspn(tag, LETTERS) >= 2 && strspn(tag, LETTERS DIGITS "-") == strlen(tag) &&
	       strlen(tag) <= 35;
}

static const struct claim *find(const char *name)
{
	const size_t len = strcspn(name, "#");
	for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
		if (strlen(claims[i].name) != len || strncmp(claims[i].name, name, len) != 0)
			continue;
		if (name[len] == '\0' || (claims[i].tagged && tag_good(name + len + 1)))
			return &claims[i];
	}
	return NULL;
}

bool apply_claim_known(const char *name)
{
	return find(name) != NULL;
}

static void check_as_text(
	struct apply *apply, check_value *check, const json_t *value, const char *path)
{
	const char *text = json_string_value(value);
	if (!text) {
		apply_fault(apply, path, "expected a text, received %s", apply_kind(value));
		return;
	}
	struct arena *arena = arena_new();
	const char *expected =
		strlen(text) > TEXT_MAX ? "a text of at most 1000 bytes" : check(arena, text);
	arena_free(arena);
	if (expected)
		apply_fault(apply, path, "expected %s, received \"%.100s\"", expected, text);
}

/* OIDC Core s5.1.1. */
static void check_address(struct apply *apply, const json_t *value, const char *path)
{
	static const char names[] =
		" formatted street_address locality region postal_code country ";
	const char *key;
	json_t *part;
	if (!json_is_object(value) || json_object_size(value) == 0) {
		apply_fault(apply, path,
			"expected an object with formatted, street_address, locality, region, "
			"postal_code, country, received %s",
			json_is_object(value) ? "an empty one" : apply_kind(value));
		return;
	}
	AUTO_JSON json_t *address = json_copy((json_t *)(uintptr_t)value);
	json_object_foreach(address, key, part)
	{
		const char *at = arena_printf(apply->cli->arena, "%s.%s", path, key);
		if (!strstr(names, arena_printf(apply->cli->arena, " %s ", key)))
			apply_fault(apply, at, "no such member of an address");
		else
			check_as_text(apply, check_text, part, at);
	}
}

void apply_claim_check(struct apply *apply, const char *name, const json_t *value, const char *path)
{
	const struct claim *claim = find(name);
	if (!claim)
		return;
	switch (claim->type) {
	case TEXT:
		check_as_text(apply, claim->check, value, path);
		break;
	case FLAG:
		if (!json_is_boolean(value))
			apply_fault(apply, path, "expected true or false, received %s",
				apply_kind(value));
		break;
	case NUMBER:
		if (!json_is_integer(value) || json_integer_value(value) < 0)
			apply_fault(apply, path, "expected unix seconds, received %s",
				apply_kind(value));
		break;
	case ADDRESS:
		check_address(apply, value, path);
		break;
	}
}
