/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/page/page_text.h"
#include "idp/base/log.h"
#include "pages.h"
#include "texts.h"
#include <string.h>
#include <time.h>

#define MINUTE_S INT64_C(60)
#define HOUR_S INT64_C(3600)
#define DAY_S INT64_C(86400)
#define THAILAND_S (7 * HOUR_S) /* ahead of UTC */
#define BUDDHIST_ERA 543

struct template_set page_text_set(enum page_lang lang)
{
	if (lang == PAGE_EN)
		return (struct template_set){pages_files, text_en, text_en_n};
	return (struct template_set){pages_files, text_th, text_th_n};
}

/* A text of ours with data (released here). What is missing in it is our fault, and no reason to
 * fail a page. */
static const char *fill(struct arena *arena, enum page_lang lang, const char *key, json_t *data)
{
	AUTO_JSON json_t *owned = data;
	struct template_set set = page_text_set(lang);
	const char *text = NULL;
	struct result result = template_text(arena, &set, key, owned, &text);

	if (result.err == ERR_NONE)
		return text;
	log_error("page.text", "key", key, "where", result.where);
	return "";
}

static int64_t divided_up(int64_t a, int64_t b)
{
	return (a + b - 1) / b;
}

const char *page_text_duration(struct arena *arena, enum page_lang lang, int64_t seconds)
{
	const char *unit = "second";
	int64_t n = seconds < 1 ? 1 : seconds;
	json_t *data = json_object();

	if (n > 90 * HOUR_S) {
		unit = "day";
		n = divided_up(n, DAY_S);
	} else if (n > 90 * MINUTE_S) {
		unit = "hour";
		n = divided_up(n, HOUR_S);
	} else if (n > 90) {
		unit = "minute";
		n = divided_up(n, MINUTE_S);
	}
	json_put_int(data, "n", n);
	return fill(
		arena, lang, arena_printf(arena, "duration.%s%s", unit, n == 1 ? "" : "s"), data);
}

const char *page_text_when(struct arena *arena, enum page_lang lang, int64_t at_s)
{
	time_t there = (time_t)(at_s + THAILAND_S);
	struct tm tm;
	json_t *data = json_object();
	const char *month = NULL;

	if (!gmtime_r(&there, &tm))
		tm = (struct tm){.tm_mday = 1, .tm_year = 70};
	month = arena_printf(arena, "month.%d", tm.tm_mon + 1);
	json_put_int(data, "day", tm.tm_mday);
	json_put(data, "month", fill(arena, lang, month, json_object()));
	json_put_int(data, "year", tm.tm_year + 1900 + (lang == PAGE_TH ? BUDDHIST_ERA : 0));
	json_put(data, "hour", arena_printf(arena, "%02d", tm.tm_hour));
	json_put(data, "minute", arena_printf(arena, "%02d", tm.tm_min));
	return fill(arena, lang, "when", data);
}

/* A word in a User-Agent, and the name that people know it by. The first that fits counts. */
struct known {
	const char *word, *name;
};

static const struct known BROWSERS[] = {
	{"Line/", "LINE"},
	{"FBAN/", "Facebook"},
	{"FBAV/", "Facebook"},
	{"SamsungBrowser/", "Samsung Internet"},
	{"HuaweiBrowser/", "Huawei Browser"},
	{"Edg", "Edge"},
	{"OPR/", "Opera"},
	{"CriOS/", "Chrome"},
	{"FxiOS/", "Firefox"},
	{"Firefox/", "Firefox"},
	{"Chrome/", "Chrome"},
	{"Safari/", "Safari"},
	{0, 0},
};

static const struct known SYSTEMS[] = {
	{"iPhone", "iPhone"},
	{"iPad", "iPad"},
	{"Android", "Android"},
	{"Windows", "Windows"},
	{"CrOS", "ChromeOS"},
	{"Mac OS X", "Mac"},
	{"Linux", "Linux"},
	{0, 0},
};

static const char *recognise(const struct known *table, const char *user_agent)
{
	for (const struct known *k = table; user_agent && k->word; k++) {
		if (strstr(user_agent, k->word))
			return k->name;
	}
	return NULL;
}

const char *page_text_device(struct arena *arena, enum page_lang lang, const char *user_agent)
{
	const char *browser = recognise(BROWSERS, user_agent);
	const char *system = recognise(SYSTEMS, user_agent);
	json_t *data = NULL;

	if (!browser || !system)
		return browser  ? browser
		       : system ? system
				: fill(arena, lang, "device.unknown", NULL);
	data = json_object();
	json_put(data, "browser", browser);
	json_put(data, "system", system);
	return fill(arena, lang, "device.on", data);
}
