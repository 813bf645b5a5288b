/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/db_array.h"
#include "idp/base/enc.h"
#include <string.h>
#include <strings.h>

static void put_quoted(struct buf *out, const char *item)
{
	buf_puts(out, "\"");
	for (const char *c = item; *c != '\0'; c++) {
		if (*c == '"' || *c == '\\')
			buf_puts(out, "\\");
		buf_putn(out, c, 1);
	}
	buf_puts(out, "\"");
}

const char *db_text_array(struct arena *arena, const char *const *items, size_t n)
{
	struct buf out = buf_new(arena);
	buf_puts(&out, "{");
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_puts(&out, ",");
		if (items[i])
			put_quoted(&out, items[i]);
		else
			buf_puts(&out, "NULL");
	}
	buf_puts(&out, "}");
	return out.text;
}

const char *db_int_array(struct arena *arena, const struct int64_list *list)
{
	struct buf out = buf_new(arena);
	buf_puts(&out, "{");
	for (size_t i = 0; i < list->n; i++)
		buf_printf(&out, "%s%lld", i == 0 ? "" : ",", (long long)list->items[i]);
	buf_puts(&out, "}");
	return out.text;
}

const char *db_bytes_array(struct arena *arena, const struct bytes_list *list)
{
	struct buf out = buf_new(arena);
	buf_puts(&out, "{");
	for (size_t i = 0; i < list->n; i++) {
		const struct bytes item = list->items[i];
		buf_puts(&out, i == 0 ? "" : ",");
		if (item.data)
			buf_printf(&out, "\"\\\\x%s\"", enc_hex(arena, item.data, item.len));
		else
			buf_puts(&out, "NULL");
	}
	buf_puts(&out, "}");
	return out.text;
}

/* The element that begins at *at, which then points behind it. */
static struct result read_quoted(const char **at, struct buf *out)
{
	const char *c = *at + 1;
	for (; *c != '"'; c++) {
		if (*c == '\\')
			c++;
		if (*c == '\0')
			FAIL(ERR_FORMAT);
		buf_putn(out, c, 1);
	}
	*at = c + 1;
	return OK;
}

static struct result read_bare(const char **at, struct buf *out)
{
	const size_t len = strcspn(*at, ",{}\"\\ \t\n\r\v\f");
	if (len == 0 || (len == 4 && strncasecmp(*at, "NULL", len) == 0))
		FAIL(ERR_FORMAT);
	buf_putn(out, *at, len);
	*at += len;
	return OK;
}

/* One element and the comma or brace that follows it. *last: it was the brace. */
static struct result read_element(
	struct arena *arena, const char **at, const char **out, bool *last)
{
	struct buf text = buf_new(arena);
	TRY(**at == '"' ? read_quoted(at, &text) : read_bare(at, &text));
	if (**at != ',' && **at != '}')
		FAIL(ERR_FORMAT);
	*last = **at == '}';
	*at += 1;
	*out = text.text;
	return OK;
}

/* At most so many elements: one more than there are commas. */
static size_t most_elements(const char *literal)
{
	size_t n = 1;
	for (const char *c = literal; *c != '\0'; c++)
		n += *c == ',';
	return n < DB_ARRAY_MAX ? n : DB_ARRAY_MAX;
}

struct result db_array_texts(struct arena *arena, const char *literal, struct str_list *out)
{
	const char *at = literal + 1;
	bool last = false;
	if (*literal != '{')
		FAIL(ERR_FORMAT);
	const size_t cap = most_elements(literal);
	struct str_list list = {ARENA_ARRAY(arena, const char *, cap), 0};
	if (strcmp(literal, "{}") == 0) {
		last = true;
		at++;
	}
	while (!last) {
		if (list.n == cap)
			FAIL(ERR_BOUNDS);
		TRY(read_element(arena, &at, &list.items[list.n], &last));
		list.n++;
	}
	if (*at != '\0')
		FAIL(ERR_FORMAT);
	*out = list;
	return OK;
}
