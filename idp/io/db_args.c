/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/db.h"
#include <limits.h>
#include <stdlib.h>

#define FORMAT_TEXT 0
#define FORMAT_BINARY 1

struct db_args db_args(struct arena *arena)
{
	return (struct db_args){.arena = arena};
}

/* More arguments than any query has, or longer than any request: a bug, not an input. */
static void push(struct db_args *args, const char *value, size_t len, int format)
{
	if (args->n >= DB_ARGS_MAX || len > INT_MAX)
		abort();
	args->values[args->n] = value;
	args->lens[args->n] = (int)len;
	args->formats[args->n] = format;
	args->n++;
}

void db_text(struct db_args *args, const char *text)
{
	push(args, text, 0, FORMAT_TEXT);
}

void db_int(struct db_args *args, int64_t number)
{
	push(args, arena_printf(args->arena, "%lld", (long long)number), 0, FORMAT_TEXT);
}

void db_bool(struct db_args *args, bool flag)
{
	push(args, flag ? "t" : "f", 0, FORMAT_TEXT);
}

void db_bytes(struct db_args *args, const void *bytes, size_t len)
{
	/* Copied, so that an empty value is not taken for NULL and the caller's buffer may go. */
	push(args, arena_strndup(args->arena, bytes, len), len, FORMAT_BINARY);
}

void db_binary(struct db_args *args, const void *bytes, size_t len)
{
	push(args, bytes, len, FORMAT_BINARY);
}
