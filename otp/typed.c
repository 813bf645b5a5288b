/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/typed.h"
#include "idp/base/str.h"
#include "otp/nfc.h"
#include <string.h>
#include <utf8proc.h>

#define NATIONAL_ID_LEN 13
#define THAI_ZERO 0x0e50
#define THAI_NINE 0x0e59

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

/* What people and their keyboards put between groups of digits. */
static bool is_gap(utf8proc_int32_t point)
{
	const utf8proc_category_t category = utf8proc_category(point);
	return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_PD ||
	       point == '\t' || point == 0x2212 /* minus sign */;
}

static utf8proc_int32_t ascii_digit(utf8proc_int32_t point)
{
	return point >= THAI_ZERO && point <= THAI_NINE ? point - THAI_ZERO + '0' : point;
}

const char *typed_code(struct arena *arena, const char *text)
{
	struct buf out = buf_new(arena);
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;
	while (*at) {
		utf8proc_int32_t point;
		const utf8proc_ssize_t n = utf8proc_iterate(at, -1, &point);
		if (n <= 0)
			return text;
		const char digit = (char)ascii_digit(point);
		if (ascii_digit(point) != point)
			buf_putn(&out, &digit, 1);
		else if (!is_gap(point))
			buf_putn(&out, (const char *)at, (size_t)n);
		at += n;
	}
	return out.text;
}

static bool all_digits(const char *text)
{
	return text[strspn(text, "0123456789")] == '\0';
}

static const char *trimmed(struct arena *arena, const char *text)
{
	static const char blank[] = " \t\r\n";
	text += strspn(text, blank);
	size_t len = strlen(text);
	while (len > 0 && strchr(blank, text[len - 1]))
		len--;
	return arena_strndup(arena, text, len);
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
	const char *alias = nfc_lower(arena, trimmed(arena, text));
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
