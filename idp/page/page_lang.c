/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/page/page_lang.h"
#include <string.h>
#include <strings.h>

static const char *const CODES[] = {[PAGE_TH] = "th", [PAGE_EN] = "en"};

#define N_LANGS (sizeof CODES / sizeof CODES[0])

const char *page_lang_code(enum page_lang lang)
{
	return CODES[lang];
}

bool page_lang_parse(const char *code, enum page_lang *out)
{
	for (size_t i = 0; code && i < N_LANGS; i++) {
		if (strcmp(code, CODES[i]) == 0) {
			*out = (enum page_lang)i;
			return true;
		}
	}
	return false;
}

/* Does a BCP 47 tag of len bytes ("th", "en-GB") name one of ours by its first subtag? */
static bool parse_tag(const char *tag, size_t len, enum page_lang *out)
{
	for (size_t i = 0; i < N_LANGS; i++) {
		size_t n = strlen(CODES[i]);
		if (len >= n && strncasecmp(tag, CODES[i], n) == 0 && (len == n || tag[n] == '-')) {
			*out = (enum page_lang)i;
			return true;
		}
	}
	return false;
}

static bool from_ui_locales(const char *list, enum page_lang *out)
{
	while (list && *list) {
		size_t len = strcspn(list, " ");
		if (parse_tag(list, len, out))
			return true;
		list += len + strspn(list + len, " ");
	}
	return false;
}

/* The weight of one Accept-Language item in thousandths: ";q=0.8" is 800. Malformed is 0. RFC 9110
 * s12.4.2 */
static int weight_of(const char *item, size_t len)
{
	const char *semicolon = memchr(item, ';', len);
	const char *end = item + len;
	const char *at = semicolon ? semicolon + 1 : end;
	int weight = 0;
	int unit = 1000;

	if (!semicolon)
		return 1000;
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	if (end - at < 3 || (*at != 'q' && *at != 'Q') || at[1] != '=')
		return 0;
	for (at += 2; at < end && unit > 0; at++) {
		if (*at == '.' && unit == 100)
			continue;
		if (*at < '0' || *at > '9')
			break;
		weight += (*at - '0') * unit;
		unit /= 10;
	}
	return weight > 1000 ? 0 : weight;
}

static bool from_accept(const char *list, enum page_lang *out)
{
	int best = 0;

	while (list && *list) {
		size_t len = strcspn(list, ",");
		size_t lead = strspn(list, " \t");
		size_t tag_len = strcspn(list + (lead < len ? lead : len), ";, \t");
		enum page_lang lang;
		int weight = weight_of(list, len);
		if (lead < len && weight > best && parse_tag(list + lead, tag_len, &lang)) {
			best = weight;
			*out = lang;
		}
		list += len + (list[len] == ',');
	}
	return best > 0;
}

enum page_lang page_lang_pick(const char *cookie, const char *ui_locales, const char *accept)
{
	enum page_lang lang = PAGE_TH;

	if (page_lang_parse(cookie, &lang) || from_ui_locales(ui_locales, &lang) ||
		from_accept(accept, &lang))
		return lang;
	return PAGE_TH;
}

enum page_lang page_lang(const struct context *ctx, const char *ui_locales)
{
	return page_lang_pick(http_cookie(ctx->request, PAGE_LANG_COOKIE), ui_locales,
		http_header(ctx->request, "accept-language"));
}
