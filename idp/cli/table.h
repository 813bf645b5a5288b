/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table for people, on standard output: columns as wide as their widest value. What strangers
 * sent (a user agent, a name) is shown without the control characters that could steer a terminal.
 */
#ifndef PRATU_CLI_TABLE_H
#define PRATU_CLI_TABLE_H

#include "idp/base/arena.h"
#include <stddef.h>

#define TABLE_COLUMNS 12

struct table {
	struct arena *arena;
	size_t n_columns, n_rows, cap;
	const char **cells; /* row by row */
};

/* headings: ended by NULL, at most TABLE_COLUMNS. */
struct table table_new(struct arena *arena, const char *const *headings);
/* One row: as many cells as there are headings; NULL is shown as "-". Copied. */
void table_add(struct table *table, const char *const *cells);
void table_print(const struct table *table);

/* text without control characters, in the arena; NULL gives "-". */
const char *table_clean(struct arena *arena, const char *text);

#endif
