/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/table.h"
#include "idp/base/str.h"
#include <stdio.h>
#include <string.h>

/* Thai vowels and tone marks above and below a letter have no width. */
static bool takes_no_room(uint32_t c)
{
	return c == 0x0e31 || (c >= 0x0e34 && c <= 0x0e3a) || (c >= 0x0e47 && c <= 0x0e4e);
}

const char *table_clean(struct arena *arena, const char *text)
{
	struct buf out = buf_new(arena);
	if (!text)
		return "-";
	if (!str_utf8_valid(text, strlen(text)))
		return "?";
	while (*text != '\0') {
		uint32_t c;
		const size_t len = str_utf8_char(text, STR_CHAR_MAX, &c);
		if (str_is_control(c))
			buf_puts(&out, "?");
		else
			buf_putn(&out, text, len);
		text += len;
	}
	return out.text;
}

static size_t width(const char *text)
{
	size_t n = 0;
	while (*text != '\0') {
		uint32_t c;
		text += str_utf8_char(text, STR_CHAR_MAX, &c);
		n += takes_no_room(c) ? 0 : 1;
	}
	return n;
}

void table_add(struct table *table, const char *const *cells)
{
	if (table->n_rows == table->cap) {
		const size_t cap = table->cap * 2;
		const char **more = ARENA_ARRAY(table->arena, const char *, cap * table->n_columns);
		memcpy(more, table->cells, table->n_rows * table->n_columns * sizeof *more);
		table->cells = more;
		table->cap = cap;
	}
	const char **row = table->cells + table->n_rows++ * table->n_columns;
	for (size_t i = 0; i < table->n_columns; i++)
		row[i] = table_clean(table->arena, cells[i]);
}

struct table table_new(struct arena *arena, const char *const *headings)
{
	struct table table = {.arena = arena, .cap = 64};
	while (headings[table.n_columns])
		table.n_columns++;
	table.cells = ARENA_ARRAY(arena, const char *, table.cap *table.n_columns);
	table_add(&table, headings);
	return table;
}

static void print_row(const struct table *table, const char *const *row, const size_t *widths)
{
	for (size_t i = 0; i < table->n_columns; i++) {
		(void)fputs(row[i], stdout);
		/* Nothing trails the last column. */
		for (size_t n = width(row[i]); i + 1 < table->n_columns && n < widths[i] + 2; n++)
			(void)putchar(' ');
	}
	(void)putchar('\n');
}

void table_print(const struct table *table)
{
	size_t widths[TABLE_COLUMNS] = {0};
	for (size_t i = 0; i < table->n_rows * table->n_columns; i++) {
		const size_t n = width(table->cells[i]), column = i % table->n_columns;
		widths[column] = n > widths[column] ? n : widths[column];
	}
	for (size_t row = 0; row < table->n_rows; row++)
		print_row(table, table->cells + row * table->n_columns, widths);
}
