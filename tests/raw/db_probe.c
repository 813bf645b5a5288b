/* SPDX-License-Identifier: Apache-2.0 */
/*
 * idp/io/db by hand, for tests/pg/test_db.py: one command a line on standard input, one answer a
 * line.
 *
 *   db_probe CONNINFO
 *
 *   ping | begin | begin_with_next | commit | commit_with_next | rollback | query NAME
 *   [ARGUMENT...] | exec NAME [ARGUMENT...] | script SQL | typed
 *
 * typed: one query through db_run, with a member of each type. The answer: its column.
 *
 * Arguments are parted by tabs, and so are the columns of an answer's first row; \N is NULL, \x
 * begins bytes in hex.
 */
#include "idp/base/enc.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/io/db_bind.h"
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_LEN 65536

#define MEMBERS 8

struct probe_query {
	struct query query;
	const char *types[MEMBERS], *names[MEMBERS];
	struct db_binding binding; /* of all this; complete fills the rest */
	struct db_field params[MEMBERS], columns[MEMBERS];
};

/* Parameters and columns of every query: bytea has the second, all other types the first. */
struct members {
	const char *text[MEMBERS];
	struct bytes bytes[MEMBERS];
};

#define QUERY(name, sql) \
	{ \
		name, sql, NULL, 0, 0 \
	}

static struct probe_query queries[] = {
	{.query = QUERY("one", "SELECT 1 AS one"), .types = {0}, .names = {"one"}},
	{.query = QUERY("pid", "SELECT pg_backend_pid() AS pid"), .types = {0}, .names = {"pid"}},
	{.query = QUERY("echo", "SELECT $1 AS a, $2 AS b, $3 AS c, $4 AS d, $5 AS e"),
		.types = {"text", "bigint", "boolean", "bytea", "text[]"},
		.names = {"a", "b", "c", "d", "e"}},
	{.query = QUERY("uuid", "SELECT $1 AS id"), .types = {"uuid"}, .names = {"id"}},
	{.query = QUERY("insert", "INSERT INTO probe (n) VALUES ($1)"),
		.types = {"integer"},
		.names = {0}},
	{.query = QUERY("insert_slowly", "INSERT INTO probe (n) SELECT $1 FROM pg_sleep(1)"),
		.types = {"integer"},
		.names = {0}},
	{.query = QUERY("update", "UPDATE probe SET n = n WHERE n = $1"),
		.types = {"integer"},
		.names = {0}},
	{.query = QUERY("count", "SELECT count(*) AS count FROM probe WHERE n = $1"),
		.types = {"integer"},
		.names = {"count"}},
	{.query = QUERY("all", "SELECT * FROM probe"), .types = {0}, .names = {"n"}},
	{.query = QUERY("sleep", "SELECT 1 AS one FROM pg_sleep($1)"),
		.types = {"float8"},
		.names = {"one"}},
	{.query = QUERY("prepared", "SELECT count(*) AS n FROM pg_prepared_statements"),
		.types = {0},
		.names = {"n"}},
	{.query = QUERY("show", "SELECT current_setting($1) AS value"),
		.types = {"text"},
		.names = {"value"}},
	{.query = QUERY("two", "SELECT 1 AS one"), .types = {0}, .names = {"one", "two"}},
	{.query = QUERY("other", "SELECT 1 AS other"), .types = {0}, .names = {"one"}},
	{.query = QUERY("broken", "SELEC 1"), .types = {0}, .names = {"one"}},
};

static bool is_bytes(const struct probe_query *probe, int param)
{
	return probe->types[param] && str_eq(probe->types[param], "bytea");
}

/* As what is generated of a file. */
static void complete(struct probe_query *probe)
{
	for (size_t i = 0; i < MEMBERS; i++) {
		const size_t text = offsetof(struct members, text) + i * sizeof(char *);
		const size_t bytes = offsetof(struct members, bytes) + i * sizeof(struct bytes);
		probe->params[i] = is_bytes(probe, (int)i)
					   ? (struct db_field){"bytes", DB_BYTES, true, bytes, 0}
					   : (struct db_field){"text", DB_TEXT, true, text, 0};
		probe->columns[i] = (struct db_field){probe->names[i], DB_TEXT, true, text, 0};
	}
	probe->query.param_types = probe->types;
	while (probe->types[probe->query.n_params] != NULL)
		probe->query.n_params++;
	while (probe->names[probe->query.n_columns] != NULL)
		probe->query.n_columns++;
	probe->binding = (struct db_binding){probe->query, probe->params, probe->columns,
		DB_ROWS_NONE, sizeof(struct members), 0, NULL, 0};
}

static struct probe_query *find(const char *name)
{
	for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++)
		if (str_eq(queries[i].query.name, name))
			return &queries[i];
	fprintf(stderr, "db_probe: no query %s\n", name);
	exit(2);
}

static void fill(
	struct arena *arena, const struct probe_query *probe, char *rest, struct members *in)
{
	for (int i = 0; rest != NULL && i < probe->query.n_params; i++) {
		const char *text = strsep(&rest, "\t");
		uint8_t *bytes = NULL;
		size_t len = 0;
		if (str_eq(text, "\\N"))
			continue;
		in->text[i] = text;
		if (is_bytes(probe, i) &&
			enc_hex_decode(arena, text + 2, &bytes, &len).err == ERR_NONE)
			in->bytes[i] = (struct bytes){bytes, len};
	}
}

static void show_row(const struct probe_query *probe, const struct members *row)
{
	printf("ok");
	for (int i = 0; row && i < probe->query.n_columns; i++)
		printf("\t%s", row->text[i] ? row->text[i] : "\\N");
	printf("\n");
}

static struct result query(struct arena *arena, struct db *db, char *rest)
{
	struct probe_query *probe = find(strsep(&rest, "\t"));
	struct members in = {0};
	struct db_many rows = {0};
	fill(arena, probe, rest, &in);
	probe->binding.rows = DB_ROWS_MANY;
	TRY(db_run(db, arena, &probe->binding, &in, &rows));
	show_row(probe, rows.n ? rows.items : NULL);
	return OK;
}

static struct result exec(struct arena *arena, struct db *db, char *rest)
{
	struct probe_query *probe = find(strsep(&rest, "\t"));
	struct members in = {0};
	int64_t affected = -1;
	fill(arena, probe, rest, &in);
	probe->binding.rows = DB_ROWS_NONE;
	TRY(db_run(db, arena, &probe->binding, &in, &affected));
	printf("ok\t%lld\n", (long long)affected);
	return OK;
}

struct typed_in {
	double real;
	struct str_list ids;
	struct int64_list numbers;
	struct bytes_list hashes;
	bool ids_null, flag, flag_null;
	const char *instant;
};

struct typed_row {
	const char *all;
};

/* One of each form that is not a plain text or number: the server shows what it understood. */
static struct result typed(struct arena *arena, struct db *db)
{
	static const char *const types[] = {
		"double precision", "uuid[]", "bigint[]", "bytea[]", "boolean", "timestamptz"};
	static const struct db_field params[] = {
		{"real", DB_FLOAT, false, offsetof(struct typed_in, real), 0},
		{"ids", DB_TEXT_LIST, true, offsetof(struct typed_in, ids),
			offsetof(struct typed_in, ids_null)},
		{"numbers", DB_INT_LIST, false, offsetof(struct typed_in, numbers), 0},
		{"hashes", DB_BYTES_LIST, false, offsetof(struct typed_in, hashes), 0},
		{"flag", DB_BOOL, true, offsetof(struct typed_in, flag),
			offsetof(struct typed_in, flag_null)},
		{"instant", DB_TEXT, false, offsetof(struct typed_in, instant), 0},
	};
	static const struct db_field columns[] = {
		{"all", DB_TEXT, false, offsetof(struct typed_row, all), 0}};
	static const struct db_binding binding = {
		{"typed", "SELECT jsonb_build_array($1, $2, $3, $4, $5, $6) AS all", types, 6, 1},
		params, columns, DB_ROWS_ONE, sizeof(struct typed_row), 0, NULL, 0};
	static const char *ids[] = {"00000000-0000-0000-0000-00000000000a", NULL};
	static const int64_t numbers[] = {INT64_MIN, INT64_MAX};
	static const struct bytes hashes[] = {
		{(const uint8_t *)"\0\\", 2}, {(const uint8_t *)"", 0}, {NULL, 0}};
	const struct typed_in in = {.real = 0.1,
		.ids = {ids, 2},
		.numbers = {numbers, 2},
		.hashes = {hashes, 3},
		.flag_null = true,
		.instant = "2026-01-02T03:04:05Z"};
	struct typed_row row;
	TRY(db_run(db, arena, &binding, &in, &row));
	printf("ok\t%s\n", row.all);
	return OK;
}

static struct result say_ok(struct result result)
{
	if (result.err == ERR_NONE)
		printf("ok\n");
	return result;
}

static struct result obey(struct arena *arena, struct db *db, char *line)
{
	const char *verb = strsep(&line, "\t");
	if (str_eq(verb, "query"))
		return query(arena, db, line);
	if (str_eq(verb, "exec"))
		return exec(arena, db, line);
	if (str_eq(verb, "typed"))
		return typed(arena, db);
	if (str_eq(verb, "ping"))
		return say_ok(db_ping(db));
	if (str_eq(verb, "begin"))
		return say_ok(db_begin(db));
	if (str_eq(verb, "begin_with_next"))
		return say_ok(db_begin_with_next(db));
	if (str_eq(verb, "commit_with_next")) {
		db_commit_with_next(db);
		return say_ok(OK);
	}
	if (str_eq(verb, "commit"))
		return say_ok(db_commit(db));
	if (str_eq(verb, "script"))
		return say_ok(db_script(db, line));
	db_rollback(db);
	return say_ok(OK);
}

static void obey_line(struct db *db, char *line)
{
	struct arena *arena = arena_new();
	line[strcspn(line, "\n")] = '\0';
	if (obey(arena, db, line).err != ERR_NONE)
		printf("fault\t%s\t%s\n", db_sqlstate(db), db_message(db));
	fflush(stdout);
	arena_free(arena);
}

int main(int argc, char **argv)
{
	static char line[LINE_MAX_LEN];
	if (argc != 2)
		return 2;
	log_open("probe", LOG_LEVEL_DEBUG);
	for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++)
		complete(&queries[i]);
	struct db *db = db_new(argv[1], "probe");
	while (fgets(line, sizeof line, stdin) != NULL)
		obey_line(db, line);
	db_free(db);
	return 0;
}
