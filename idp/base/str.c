/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_FIRST 256u /* bytes */

struct buf buf_new(struct arena *arena)
{
	return (struct buf){arena, arena_alloc(arena, BUF_FIRST), 0, BUF_FIRST};
}

/* Make space for more bytes and the NUL. The old text stays in the arena until the request ends. */
static void buf_grow(struct buf *buf, size_t more)
{
	if (more > ARENA_LIMIT)
		more = ARENA_LIMIT; /* the arena ends the process below */
	size_t need = buf->len + more + 1;
	if (need <= buf->cap)
		return;
	size_t cap = buf->cap * 2 > need ? buf->cap * 2 : need;
	char *text = arena_alloc(buf->arena, cap);
	memcpy(text, buf->text, buf->len);
	buf->text = text;
	buf->cap = cap;
}

void buf_puts(struct buf *buf, const char *text)
{
	if (text)
		buf_putn(buf, text, strlen(text));
}

void buf_putn(struct buf *buf, const char *text, size_t len)
{
	if (len == 0)
		return;
	buf_grow(buf, len);
	memcpy(buf->text + buf->len, text, len);
	buf->len += len;
	buf->text[buf->len] = '\0';
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		abort(); /* an encoding error in our own format */
	buf_grow(buf, (size_t)len);
	va_start(args, format);
	(void)vsnprintf(buf->text + buf->len, (size_t)len + 1, format, args);
	va_end(args);
	buf->len += (size_t)len;
}

bool str_eq(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	return strcmp(a, b) == 0;
}

bool str_starts(const char *text, const char *prefix)
{
	return text && prefix && strncmp(text, prefix, strlen(prefix)) == 0;
}

bool str_empty(const char *text)
{
	return !text || text[0] == '\0';
}

struct str_list str_split(struct arena *arena, const char *text, char separator)
{
	struct str_list list = {NULL, 0};
	if (str_empty(text))
		return list;
	size_t most = 1;
	for (const char *p = text; *p != '\0'; p++)
		most += *p == separator ? 1 : 0;
	list.items = ARENA_ARRAY(arena, const char *, most);
	for (const char *p = text; p;) {
		const char *end = strchr(p, separator);
		size_t len = end ? (size_t)(end - p) : strlen(p);
		if (len > 0)
			list.items[list.n++] = arena_strndup(arena, p, len);
		p = !end || separator == '\0' ? NULL : end + 1;
	}
	return list;
}

bool str_list_has(const struct str_list *list, const char *item)
{
	for (size_t i = 0; list && i < list->n; i++) {
		if (str_eq(list->items[i], item))
			return true;
	}
	return false;
}

const char *str_join(struct arena *arena, const struct str_list *list, const char *separator)
{
	struct buf buf = buf_new(arena);
	for (size_t i = 0; i < list->n; i++) {
		if (i > 0)
			buf_puts(&buf, separator);
		buf_puts(&buf, list->items[i]);
	}
	return buf.text;
}

const char *str_clip(struct arena *arena, const char *text, size_t max)
{
	if (strnlen(text, max + 1) <= max)
		return text;
	size_t len = max;
	while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	return arena_strndup(arena, text, len);
}

bool str_is_uuid(const char *text)
{
	static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	if (!text || strnlen(text, sizeof shape) != sizeof shape - 1)
		return false;
	for (size_t i = 0; shape[i] != '\0'; i++)
		if (shape[i] == '-' ? text[i] != '-' : !strchr("0123456789abcdef", text[i]))
			return false;
	return true;
}

const char *str_lower(struct arena *arena, const char *text, size_t len)
{
	char *copy = arena_strndup(arena, text, len);
	for (char *p = copy; *p != '\0'; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
	return copy;
}

/* The forms of RFC 3629 s4: a lead byte's range, how many follow, and the range of the first that
 * follows (which keeps out overlong forms, surrogates and what is above U+10FFFF). */
struct utf8_form {
	unsigned char lead_min, lead_max, second_min, second_max;
	size_t len;
};

static const struct utf8_form utf8_forms[] = {
	{0xc2, 0xdf, 0x80, 0xbf, 2},
	{0xe0, 0xe0, 0xa0, 0xbf, 3},
	{0xe1, 0xec, 0x80, 0xbf, 3},
	{0xed, 0xed, 0x80, 0x9f, 3},
	{0xee, 0xef, 0x80, 0xbf, 3},
	{0xf0, 0xf0, 0x90, 0xbf, 4},
	{0xf1, 0xf3, 0x80, 0xbf, 4},
	{0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* Bytes of the character at p, at most left; 0: ill-formed. */
static size_t utf8_char_len(const unsigned char *p, size_t left)
{
	const struct utf8_form *form = NULL;
	if (left > 0 && p[0] > 0 && p[0] < 0x80)
		return 1;
	for (size_t i = 0; i < sizeof(utf8_forms) / sizeof(utf8_forms[0]); i++) {
		if (p[0] >= utf8_forms[i].lead_min && p[0] <= utf8_forms[i].lead_max)
			form = &utf8_forms[i];
	}
	if (!form || form->len > left)
		return 0;
	if (p[1] < form->second_min || p[1] > form->second_max)
		return 0;
	for (size_t i = 2; i < form->len; i++) {
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	}
	return form->len;
}

/* Bytes at p that are ASCII and not NUL, at most left: most of every text, eight at a time. */
static size_t ascii_run(const unsigned char *p, size_t left)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	size_t n = 0;
	for (uint64_t word; left - n >= sizeof word; n += sizeof word) {
		memcpy(&word, p + n, sizeof word);
		if (((word | (word - ones)) & high) != 0)
			break;
	}
	while (n < left && p[n] > 0 && p[n] < 0x80)
		n++;
	return n;
}

bool str_utf8_valid(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	for (size_t i = ascii_run(p, len); i < len; i += ascii_run(p + i, len - i)) {
		const size_t n = utf8_char_len(p + i, len - i);
		if (n == 0)
			return false;
		i += n;
	}
	return true;
}

size_t str_utf8_char(const char *text, size_t len, uint32_t *point)
{
	const unsigned char *p = (const unsigned char *)text;
	const size_t n = utf8_char_len(p, len);
	if (n < 2) {
		*point = p[0];
		return 1;
	}
	uint32_t value = p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++)
		value = value << 6 | (p[i] & 0x3fu);
	*point = value;
	return n;
}

bool str_is_control(uint32_t point)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {{0, 0x1f}, {0x7f, 0x9f}, {0x61c, 0x61c}, {0x200e, 0x200f}, {0x2028, 0x202e},
		{0x2066, 0x2069}};
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return true;
	return false;
}
