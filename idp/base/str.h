/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text: a growing buffer in an arena, and the few questions that are asked of strings everywhere.
 * Text is NUL-terminated and holds no NUL inside: the edges refuse it.
 */
#ifndef PRATU_BASE_STR_H
#define PRATU_BASE_STR_H

#include "idp/base/arena.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	struct arena *arena;
	char *text; /* always NUL-terminated */
	size_t len, cap;
};

/* An empty text that grows in the arena. */
struct buf buf_new(struct arena *arena);
/* Append: a C string (NULL: nothing), len bytes, a format as in printf. */
void buf_puts(struct buf *buf, const char *text);
void buf_putn(struct buf *buf, const char *text, size_t len);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Equal, where either may be NULL (NULL equals only NULL). Not for secrets. */
bool str_eq(const char *a, const char *b);
bool str_starts(const char *text, const char *prefix);
/* NULL or "". */
bool str_empty(const char *text);
struct str_list {
	const char **items;
	size_t n;
};
/* Split at each separator (a space: RFC 6749 s3.3), into the arena. Empty items are dropped; text
 * NULL gives an empty list. */
struct str_list str_split(struct arena *arena, const char *text, char separator);
/* Whether an item equals item (str_eq). A list of NULL has none. */
bool str_list_has(const struct str_list *list, const char *item);
/* Join with one separator between. */
const char *str_join(struct arena *arena, const struct str_list *list, const char *separator);
/* The text if it has at most max bytes; otherwise the part of it that fits, cut between characters.
 * text is UTF-8. */
const char *str_clip(struct arena *arena, const char *text, size_t max);
/* len bytes of text with ASCII letters in lower case, in the arena. */
const char *str_lower(struct arena *arena, const char *text, size_t len);
/* A UUID in lower case, 8-4-4-4-12, as we write it? NULL is not. */
bool str_is_uuid(const char *text);
/* Well-formed UTF-8 without NUL? */
bool str_utf8_valid(const char *text, size_t len);
#define STR_CHAR_MAX 4 /* bytes of one character */
/* The first character of len bytes (at least one; STR_CHAR_MAX where a NUL ends the text): its code
 * point, and its length in bytes, 1 to 4. A byte that begins no well-formed character counts as
 * one, of the byte's own value. RFC 3629 s4
 */
size_t str_utf8_char(const char *text, size_t len, uint32_t *point);
/* Does a terminal or a viewer obey this code point instead of showing it? The controls of ASCII and
 * Latin-1, the line and paragraph separators, and the marks and overrides of the direction of text
 * (UAX #9). */
bool str_is_control(uint32_t point);

#endif
