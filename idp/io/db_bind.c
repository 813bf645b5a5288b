/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/db_bind.h"
#include "idp/base/enc.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/io/db_impl.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void push_text(struct db_args *args, const void *member)
{
	db_text(args, *(const char *const *)member);
}

static void push_int(struct db_args *args, const void *member)
{
	db_int(args, *(const int64_t *)member);
}

/* 17 digits give every double back. */
static void push_float(struct db_args *args, const void *member)
{
	db_text(args, arena_printf(args->arena, "%.17g", *(const double *)member));
}

static void push_bool(struct db_args *args, const void *member)
{
	db_bool(args, *(const bool *)member);
}

static void push_bytes(struct db_args *args, const void *member)
{
	const struct bytes *bytes = member;
	db_bytes(args, bytes->data, bytes->len);
}

static void push_texts(struct db_args *args, const void *member)
{
	const struct str_list *list = member;
	db_text(args, db_text_array(args->arena, list->items, list->n));
}

static void push_ints(struct db_args *args, const void *member)
{
	db_text(args, db_int_array(args->arena, member));
}

static void push_byte_strings(struct db_args *args, const void *member)
{
	db_text(args, db_bytes_array(args->arena, member));
}

/* Parsers: the text of a column to its member. false: not of the type. */
static bool parse_text(struct arena *arena, const char *text, void *member)
{
	*(const char **)member = arena_strdup(arena, text);
	return true;
}

static bool parse_int(struct arena *arena, const char *text, void *member)
{
	char *end = NULL;
	(void)arena;
	errno = 0;
	const long long number = strtoll(text, &end, 10);
	*(int64_t *)member = number;
	return errno == 0 && end != text && *end == '\0';
}

static bool parse_float(struct arena *arena, const char *text, void *member)
{
	char *end = NULL;
	(void)arena;
	*(double *)member = strtod(text, &end);
	return end != text && *end == '\0';
}

static bool parse_bool(struct arena *arena, const char *text, void *member)
{
	(void)arena;
	*(bool *)member = str_eq(text, "t");
	return str_eq(text, "t") || str_eq(text, "f");
}

static bool parse_bytes(struct arena *arena, const char *text, void *member)
{
	uint8_t *data = NULL;
	size_t len = 0;
	if (!str_starts(text, "\\x") || enc_hex_decode(arena, text + 2, &data, &len).err)
		return false;
	*(struct bytes *)member = (struct bytes){data, len};
	return true;
}

static bool parse_texts(struct arena *arena, const char *text, void *member)
{
	return db_array_texts(arena, text, member).err == ERR_NONE;
}

struct form {
	void (*push)(struct db_args *args, const void *member);
	bool (*parse)(struct arena *arena, const char *text, void *member); /* NULL: no column */
	bool by_pointer; /* the member begins with a pointer, and NULL is SQL NULL */
};

static const struct form forms[] = {
	[DB_TEXT] = {push_text, parse_text, true},
	[DB_INT] = {push_int, parse_int, false},
	[DB_FLOAT] = {push_float, parse_float, false},
	[DB_BOOL] = {push_bool, parse_bool, false},
	[DB_BYTES] = {push_bytes, parse_bytes, true},
	[DB_TEXT_LIST] = {push_texts, parse_texts, false},
	[DB_INT_LIST] = {push_ints, NULL, false},
	[DB_BYTES_LIST] = {push_byte_strings, NULL, false},
};

struct result db_bind_wrong(const struct db_binding *binding, const char *member, const char *error)
{
	log_error("db.bind", "query", binding->query.name, "member", member, "error", error);
	FAIL(ERR_DB);
}

bool db_bind_null(const struct db_field *field, const void *in)
{
	const void *member = (const char *)in + field->at;
	if (field->type == DB_BYTES)
		return !((const struct bytes *)member)->data;
	if (forms[field->type].by_pointer)
		return !*(const char *const *)member;
	return field->nullable && *(const bool *)((const char *)in + field->null_at);
}

static int n_fields(const struct db_binding *binding)
{
	return binding->query.n_params - binding->n_extremes;
}

/* The answer's columns that are members of a row; in batches the first is the job's number. */
static int first_column(const struct db_binding *binding)
{
	return binding->batch_max > 0 ? 1 : 0;
}

static int n_columns(const struct db_binding *binding)
{
	return binding->query.n_columns - first_column(binding);
}

struct result db_bind_check(const struct db_binding *binding, const void *in)
{
	for (int i = 0; i < n_fields(binding); i++) {
		const struct db_field *field = &binding->params[i];
		if (!field->nullable && db_bind_null(field, in))
			return db_bind_wrong(
				binding, field->name, "a parameter that is not declared null");
	}
	return OK;
}

struct result db_bind_args(const struct db_binding *binding, const void *in, struct db_args *args)
{
	TRY(db_bind_check(binding, in));
	for (int i = 0; i < binding->query.n_params; i++) {
		const struct db_field *field = &binding->params[i];
		if (db_bind_null(field, in))
			db_text(args, NULL);
		else
			forms[field->type].push(args, (const char *)in + field->at);
	}
	return OK;
}

/* tests/pg/test_queries.py has compared them already: a difference is a bug. */
struct result db_bind_names(const struct db_binding *binding, const PGresult *result, bool strict)
{
	const int first = first_column(binding), n = n_columns(binding);
	for (int i = 0; i < n; i++) {
		const char *name = binding->columns[i].name;
		if (PQnfields(result) == first + n && str_eq(PQfname(result, first + i), name))
			continue;
		const struct result fault =
			db_bind_wrong(binding, name, "not this column in its place");
		if (strict)
			abort();
		return fault;
	}
	return OK;
}

static struct result check_count(const struct db_binding *binding, const PGresult *result)
{
	const int n = PQntuples(result);
	if (binding->rows == DB_ROWS_ONE && n != 1)
		return db_bind_wrong(binding, NULL, "not exactly one row");
	if (binding->rows == DB_ROWS_MAYBE && n > 1)
		return db_bind_wrong(binding, NULL, "more than one row");
	return OK;
}

static size_t row_bytes(const struct db_binding *binding, const PGresult *result, int row)
{
	size_t bytes = binding->row_size;
	for (int i = 0; i < PQnfields(result); i++)
		bytes += (size_t)PQgetlength(result, row, i) + sizeof(void *);
	return bytes;
}

/* Rows are copied into an arena, and an arena that is full ends the process. */
static struct result check_bytes(const struct db_binding *binding, const PGresult *result)
{
	size_t bytes = 0;
	for (int row = 0; row < PQntuples(result); row++) {
		bytes += row_bytes(binding, result, row);
		if (bytes > DB_ROWS_BYTES_MAX)
			return db_bind_wrong(binding, NULL, "more bytes than fit");
	}
	return OK;
}

/* One cell, by text, NULL for SQL NULL. */
static struct result read_cell(
	struct arena *arena, const struct db_binding *binding, int i, const char *text, char *row)
{
	const struct db_field *field = &binding->columns[i];
	if (!text && !field->nullable)
		return db_bind_wrong(
			binding, field->name, "NULL, and the column is not declared null");
	if (!text && field->null_at > 0)
		*(bool *)(void *)(row + field->null_at) = true;
	if (text && !forms[field->type].parse(arena, text, row + field->at))
		return db_bind_wrong(binding, field->name, "not a value of its type");
	return OK;
}

struct result db_bind_row(struct arena *arena, const struct db_binding *binding,
	const PGresult *result, int row, void *out)
{
	const int first = first_column(binding);
	if (row_bytes(binding, result, row) > DB_ROWS_BYTES_MAX)
		return db_bind_wrong(binding, NULL, "more bytes than fit");
	for (int i = 0; i < n_columns(binding); i++) {
		const bool null = PQgetisnull(result, row, first + i) != 0;
		const char *text = null ? NULL : PQgetvalue(result, row, first + i);
		TRY(read_cell(arena, binding, i, text, out));
	}
	return OK;
}

static void hand_over(const struct db_binding *binding, const struct db_many *many, void *out)
{
	switch (binding->rows) {
	case DB_ROWS_NONE:
		break;
	case DB_ROWS_ONE:
		memcpy(out, many->items, binding->row_size);
		break;
	case DB_ROWS_MAYBE:
		*(const void **)out = many->n == 0 ? NULL : many->items;
		break;
	case DB_ROWS_MANY:
		*(struct db_many *)out = *many;
		break;
	}
}

struct result db_bind_rows(struct arena *arena, const struct db_binding *binding,
	const PGresult *result, bool strict, void *out)
{
	TRY(db_bind_names(binding, result, strict));
	TRY(check_count(binding, result));
	TRY(check_bytes(binding, result));
	const size_t n = (size_t)PQntuples(result);
	char *items = arena_alloc(arena, n * binding->row_size);
	for (size_t i = 0; i < n; i++)
		TRY(db_bind_row(arena, binding, result, (int)i, items + i * binding->row_size));
	hand_over(binding, &(const struct db_many){items, n}, out);
	return OK;
}

struct result db_run(struct db *db, struct arena *arena, const struct db_binding *binding,
	const void *in, void *out)
{
	AUTO_RESULT PGresult *result = NULL;
	struct db_args args = db_args(arena);
	if (binding->batch_max > 0)
		return db_batch_run(db, arena, binding, in, out);
	TRY(db_bind_args(binding, in, &args));
	TRY(db_result(db, &binding->query, &args, &result));
	if (binding->rows != DB_ROWS_NONE)
		return db_bind_rows(arena, binding, result, db->strict, out);
	if (out)
		*(int64_t *)out = strtoll(PQcmdTuples(result), NULL, 10);
	return OK;
}
