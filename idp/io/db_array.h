/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL's array literals ("{a,\"b c\"}"): the one encoder and the one decoder for them. One
 * dimension. Only for idp/io/db*.c.
 */
#ifndef PRATU_IO_DB_ARRAY_H
#define PRATU_IO_DB_ARRAY_H

#include "idp/base/arena.h"
#include "idp/base/crypto.h"
#include "idp/base/result.h"
#include "idp/base/str.h"

#define DB_ARRAY_MAX 4096 /* elements of an array that is read */

struct int64_list {
	const int64_t *items;
	size_t n;
};

struct bytes_list {
	const struct bytes *items; /* data NULL: the element is NULL */
	size_t n;
};

/* Literals in the arena, for text[] and uuid[] (a NULL item is the element NULL), bigint[] and
 * bytea[]. items may be NULL if n is 0. */
const char *db_text_array(struct arena *arena, const char *const *items, size_t n);
const char *db_int_array(struct arena *arena, const struct int64_list *list);
const char *db_bytes_array(struct arena *arena, const struct bytes_list *list);

/* A literal as the server writes it, to a list in the arena. ERR_FORMAT: not a literal, more than
 * one dimension, bounds other than the usual, an element that is NULL. ERR_BOUNDS: more than
 * DB_ARRAY_MAX elements. */
MUST_CHECK struct result db_array_texts(
	struct arena *arena, const char *literal, struct str_list *out);

#endif
