/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL's binary form of a one-dimensional array: the one encoder for it. A query in batches
 * sends each of its parameters as such a column, with an element for each job. Only for
 * idp/io/db_batch.c.
 */
#ifndef PRATU_IO_DB_COLUMN_H
#define PRATU_IO_DB_COLUMN_H

#include "idp/io/db_bind.h"

/* Add the column of a field to args: an element for each of the n structs in `in`, NULL where the
 * member is NULL; as long as args' arena lives. bytea[], bigint[], double precision[] and boolean[]
 * are sent as such; whatever is text to PostgreSQL, lists included, as text[]. */
void db_column(struct db_args *args, const struct db_field *field, const void *const *in, size_t n);
/* Add the least or the greatest of the n members, of type DB_INT or DB_FLOAT. n is at least 1. */
void db_column_extreme(
	struct db_args *args, const struct db_extreme *extreme, const void *const *in, size_t n);

#endif
