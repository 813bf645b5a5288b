/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/enc.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/io/db_impl.h"
#include <stdlib.h>
#include <string.h>

void rows_auto(struct rows **rows)
{
	if (!*rows)
		return;
	PQclear((*rows)->result);
	free(*rows);
	*rows = NULL;
}

int rows_n(const struct rows *rows)
{
	return PQntuples(rows->result);
}

static int column_of(const struct rows *rows, const char *column)
{
	const int n = PQnfields(rows->result);
	for (int i = 0; i < n; i++)
		if (strcmp(PQfname(rows->result, i), column) == 0)
			return i;
	log_error("db.column", "query", rows->query, "missing", column);
	if (rows->strict)
		abort();
	return -1;
}

const char *rows_text(const struct rows *rows, int row, const char *column)
{
	const int at = column_of(rows, column);
	if (at < 0 || row < 0 || row >= rows_n(rows) || PQgetisnull(rows->result, row, at) != 0)
		return NULL;
	return PQgetvalue(rows->result, row, at);
}

int64_t rows_int(const struct rows *rows, int row, const char *column, int64_t if_null)
{
	const char *text = rows_text(rows, row, column);
	return text ? (int64_t)strtoll(text, NULL, 10) : if_null;
}

bool rows_bool(const struct rows *rows, int row, const char *column)
{
	return str_eq(rows_text(rows, row, column), "t");
}

struct bytes rows_bytes(struct arena *arena, const struct rows *rows, int row, const char *column)
{
	const char *text = rows_text(rows, row, column);
	uint8_t *data = NULL;
	size_t len = 0;
	if (!text || !str_starts(text, "\\x"))
		return (struct bytes){NULL, 0};
	if (enc_hex_decode(arena, text + 2, &data, &len).err != ERR_NONE)
		return (struct bytes){NULL, 0};
	return (struct bytes){data, len};
}
