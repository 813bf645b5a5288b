/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/typed.h"
#include "idp/base/str.h"
#include "otp/nfc.h"
#include <string.h>
#include <utf8proc.h>

#define NATIONAL_ID_LEN 13

bool typed_national_id_valid(const char *digits)
{
	int sum = 0;
	if (strlen(digits) != NATIONAL_ID_LEN || digits[0] < '1' || digits[0] > '8')
		return false;
	for (int i = 0; i < NATIONAL_ID_LEN; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return false;
		if (i < NATIONAL_ID_LEN - 1)
			sum += (NATIONAL_ID_LEN - i) * (digits[i] - '0');
	}
	return digits[NATIONAL_ID_LEN - 1] - '0' == (11 - sum % 11) % 10;
}

/* The first of the digits that keyboards in Thailand make, besides ASCII's own. */
static const utf8proc_int32_t zeros[] = {0x0e50 /* Thai */, 0xff10 /* full-width */};

/* Neither printed nor part of any name: zero-width marks, direction marks, soft hyphens, byte order
 * marks and, in their own category, variation selectors. */
static bool is_mark(utf8proc_int32_t point)
{
	return utf8proc_category(point) == UTF8PROC_CATEGORY_CF ||
	       (point >= 0xfe00 && point <= 0xfe0f);
}

static bool is_space(utf8proc_int32_t point)
{
	const utf8proc_category_t category = utf8proc_category(point);
	return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
	       category == UTF8PROC_CATEGORY_ZP || (point >= '\t' && point <= '\r') ||
	       point == 0x85 /* next line */;
}

static bool is_dash(utf8proc_int32_t point)
{
	return utf8proc_category(point) == UTF8PROC_CATEGORY_PD ||
	       point == 0x2212 /* minus sign */ || point == 0x2043 /* hyphen bullet */;
}

static utf8proc_int32_t ascii_digit(utf8proc_int32_t point)
{
	for (size_t i = 0; i < sizeof zeros / sizeof *zeros; i++) {
		if (point >= zeros[i] && point < zeros[i] + 10)
			return point - zeros[i] + '0';
	}
	return point;
}

static bool is_gap(utf8proc_int32_t point)
{
	return is_space(point) || is_dash(point) || is_mark(point);
}

/* text without the characters of which drop is true; with ASCII digits if wanted. NULL: no UTF-8.
 */
static const char *without(
	struct arena *arena, const char *text, bool (*drop)(utf8proc_int32_t), bool digits)
{
	struct buf out = buf_new(arena);
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;
	while (*at) {
		utf8proc_int32_t point;
		const utf8proc_ssize_t n = utf8proc_iterate(at, -1, &point);
		if (n <= 0)
			return NULL;
		const char digit = (char)ascii_digit(point);
		if (digits && ascii_digit(point) != point)
			buf_putn(&out, &digit, 1);
		else if (!drop(point))
			buf_putn(&out, (const char *)at, (size_t)n);
		at += n;
	}
	return out.text;
}

const char *typed_code(struct arena *arena, const char *text)
{
	const char *code = without(arena, text, is_gap, true);
	return code ? code : text;
}

static bool all_digits(const char *text)
{
	return text[strspn(text, "0123456789")] == '\0';
}

/* Without marks, and without spaces around it. text is UTF-8. */
static const char *trimmed(struct arena *arena, const char *text)
{
	const char *bare = without(arena, text, is_mark, false);
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)bare;
	size_t from = 0, until = 0;
	bool begun = false;
	for (size_t i = 0; at && at[i];) {
		utf8proc_int32_t point;
		const utf8proc_ssize_t n = utf8proc_iterate(at + i, -1, &point);
		if (!is_space(point)) {
			from = begun ? from : i;
			until = i + (size_t)n;
			begun = true;
		}
		i += (size_t)n;
	}
	return bare ? arena_strndup(arena, bare + from, until - from) : NULL;
}

/* Nothing that is blank, invisible or unassigned. */
static bool visible(utf8proc_int32_t point)
{
	const utf8proc_category_t category = utf8proc_category(point);
	return category != UTF8PROC_CATEGORY_CN && category < UTF8PROC_CATEGORY_ZS;
}

static bool alias_valid(const char *text)
{
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;
	size_t characters = 0;
	for (; *at; characters++) {
		utf8proc_int32_t point;
		const utf8proc_ssize_t n = utf8proc_iterate(at, -1, &point);
		if (n <= 0 || !visible(point))
			return false;
		at += n;
	}
	return characters >= TYPED_ALIAS_MIN && characters <= TYPED_ALIAS_MAX;
}

struct typed_login typed_login(struct arena *arena, const char *text)
{
	const char *digits = typed_code(arena, text);
	if (strlen(digits) == NATIONAL_ID_LEN && all_digits(digits))
		return (struct typed_login){
			typed_national_id_valid(digits) ? TYPED_NATIONAL_ID : TYPED_BAD_NATIONAL_ID,
			digits};
	const char *bare = trimmed(arena, text);
	const char *alias = bare ? nfc_lower(arena, bare) : NULL;
	if (!alias)
		return (struct typed_login){TYPED_BAD_ALIAS, text};
	return (struct typed_login){alias_valid(alias) ? TYPED_ALIAS : TYPED_BAD_ALIAS, alias};
}

const char *typed_kind_name(enum typed_kind kind)
{
	static const char *const names[] = {
		[TYPED_NATIONAL_ID] = "national_id",
		[TYPED_ALIAS] = "alias",
		[TYPED_BAD_NATIONAL_ID] = NULL,
		[TYPED_BAD_ALIAS] = NULL,
	};
	return names[kind];
}
