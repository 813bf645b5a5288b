/* SPDX-License-Identifier: Apache-2.0 */
/* The halves of db_run around the server: a struct to arguments, an answer to structs. */
#include "tests/unit/unit.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/io/db_impl.h"

struct in {
	const char *text, *text_or_null;
	struct bytes bytes, bytes_or_null;
	int64_t number, number_or_null;
	bool number_or_null_null;
	double real;
	bool flag, flag_or_null, flag_or_null_null;
	struct str_list texts, texts_or_null;
	bool texts_or_null_null;
	struct int64_list numbers;
	struct bytes_list hashes;
};

#define AT(member) offsetof(struct in, member)

static const struct db_field params[] = {
	{"text", DB_TEXT, false, AT(text), 0},
	{"text_or_null", DB_TEXT, true, AT(text_or_null), 0},
	{"bytes", DB_BYTES, false, AT(bytes), 0},
	{"bytes_or_null", DB_BYTES, true, AT(bytes_or_null), 0},
	{"number", DB_INT, false, AT(number), 0},
	{"number_or_null", DB_INT, true, AT(number_or_null), AT(number_or_null_null)},
	{"real", DB_FLOAT, false, AT(real), 0},
	{"flag", DB_BOOL, false, AT(flag), 0},
	{"flag_or_null", DB_BOOL, true, AT(flag_or_null), AT(flag_or_null_null)},
	{"texts", DB_TEXT_LIST, false, AT(texts), 0},
	{"texts_or_null", DB_TEXT_LIST, true, AT(texts_or_null), AT(texts_or_null_null)},
	{"numbers", DB_INT_LIST, false, AT(numbers), 0},
	{"hashes", DB_BYTES_LIST, false, AT(hashes), 0},
};
#define N_COLUMNS 11 /* the last two are parameters only */

/* The same members serve as parameters and as columns. */
static struct db_binding bind_as(enum db_row_count rows)
{
	return (struct db_binding){{"test/all", "SELECT", NULL, (int)COUNT(params), N_COLUMNS},
		params, params, rows, sizeof(struct in), 0, NULL, 0};
}

static int begin(void **state)
{
	log_open("test", LOG_LEVEL_NONE);
	*state = arena_new();
	return 0;
}

static int end(void **state)
{
	arena_free(*state);
	return 0;
}

static const struct in good = {
	.text = "a",
	.text_or_null = "b",
	.bytes = {(const uint8_t *)"\1\0\2", 3},
	.bytes_or_null = {(const uint8_t *)"", 0},
	.number = INT64_MIN,
	.number_or_null = 7,
	.real = 0.1,
	.flag = true,
};

static void members_become_arguments(void **state)
{
	static const char *items[] = {"x", "y z"};
	static const int64_t numbers[] = {1, 2};
	const struct db_binding binding = bind_as(DB_ROWS_NONE);
	struct db_args args = db_args(*state);
	struct in in = good;
	in.texts = (struct str_list){items, 2};
	in.numbers = (struct int64_list){numbers, 2};
	in.hashes = (struct bytes_list){&in.bytes, 1};
	assert_ok(db_bind_args(&binding, &in, &args));
	static const char *const wanted[] = {"a", "b", NULL, NULL, "-9223372036854775808", "7",
		"0.10000000000000001", "t", "f", "{\"x\",\"y z\"}", "{}", "{1,2}",
		"{\"\\\\x010002\"}"};
	assert_int_equal(args.n, COUNT(params));
	for (size_t i = 0; i < COUNT(wanted); i++) {
		assert_int_equal(args.formats[i], i == 2 || i == 3);
		if (wanted[i])
			assert_string_equal(args.values[i], wanted[i]);
	}
	assert_int_equal(args.lens[2], 3);
	assert_memory_equal(args.values[2], "\1\0\2", 3);
	assert_non_null(args.values[3]); /* empty is not NULL */
	assert_int_equal(args.lens[3], 0);
}

static void null_goes_out_where_it_is_declared(void **state)
{
	const struct db_binding binding = bind_as(DB_ROWS_NONE);
	struct db_args args = db_args(*state);
	struct in in = good;
	in.text_or_null = NULL;
	in.bytes_or_null = (struct bytes){NULL, 32};
	in.number_or_null_null = in.flag_or_null_null = in.texts_or_null_null = true;
	assert_ok(db_bind_args(&binding, &in, &args));
	for (int i = 0; i < args.n; i++)
		assert_int_equal(
			args.values[i] == NULL, i == 1 || i == 3 || i == 5 || i == 8 || i == 10);
}

static void null_is_refused_where_it_is_not_declared(void **state)
{
	const struct db_binding binding = bind_as(DB_ROWS_NONE);
	struct in in = good;
	struct db_args args = db_args(*state);
	in.text = NULL;
	assert_err(db_bind_args(&binding, &in, &args), ERR_DB);
	args = db_args(*state);
	in = good;
	in.bytes.data = NULL;
	assert_err(db_bind_args(&binding, &in, &args), ERR_DB);
}

static const char *const full[N_COLUMNS] = {"a", "b", "\\x010002", "\\x", "-9223372036854775808",
	"7", "0.1", "t", "t", "{x,\"y z\"}", "{}"};
static const char *const sparse[N_COLUMNS] = {
	"", NULL, "\\x00", NULL, "0", NULL, "-1e300", "f", NULL, "{}", NULL};

/* An answer of n columns (names as declared) and the given rows. Cleared by the caller. */
static PGresult *answer(const char *const *const rows[], int n_rows, int n)
{
	PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc columns[COUNT(params)] = {0};
	char *names[COUNT(params)];
	for (int i = 0; i < n; i++)
		columns[i].name = names[i] = strdup(params[i].name);
	assert_int_equal(PQsetResultAttrs(result, n, columns), 1);
	for (int row = 0; row < n_rows; row++)
		for (int i = 0; i < n; i++) {
			const char *text = rows[row][i];
			char *copy = text ? strdup(text) : NULL;
			const int len = text ? (int)strlen(text) : -1;
			assert_int_equal(PQsetvalue(result, row, i, copy, len), 1);
			free(copy);
		}
	for (int i = 0; i < n; i++)
		free(names[i]);
	return result;
}

static void assert_full(const struct in *row)
{
	assert_string_equal(row->text, "a");
	assert_string_equal(row->text_or_null, "b");
	assert_int_equal(row->bytes.len, 3);
	assert_memory_equal(row->bytes.data, "\1\0\2", 3);
	assert_non_null(row->bytes_or_null.data);
	assert_int_equal(row->bytes_or_null.len, 0);
	assert_true(row->number == INT64_MIN);
	assert_true(row->number_or_null == 7 && !row->number_or_null_null);
	assert_true(row->real > 0.0999 && row->real < 0.1001);
	assert_true(row->flag && row->flag_or_null && !row->flag_or_null_null);
	assert_int_equal(row->texts.n, 2);
	assert_string_equal(row->texts.items[1], "y z");
	assert_true(row->texts_or_null.n == 0 && !row->texts_or_null_null);
}

static void assert_sparse(const struct in *row)
{
	assert_string_equal(row->text, "");
	assert_null(row->text_or_null);
	assert_null(row->bytes_or_null.data);
	assert_true(row->number_or_null == 0 && row->number_or_null_null);
	assert_true(row->real < -1e299);
	assert_true(!row->flag && !row->flag_or_null && row->flag_or_null_null);
	assert_true(row->texts_or_null.n == 0 && row->texts_or_null_null);
}

static void rows_outlive_the_answer(void **state)
{
	const char *const *const rows[] = {full, sparse};
	const struct db_binding binding = bind_as(DB_ROWS_MANY);
	struct db_many many = {0};
	PGresult *result = answer(rows, 2, N_COLUMNS);
	assert_ok(db_bind_rows(*state, &binding, result, false, &many));
	PQclear(result);
	assert_int_equal(many.n, 2);
	assert_full(many.items);
	assert_sparse((const struct in *)many.items + 1);
	result = answer(rows, 0, N_COLUMNS);
	assert_ok(db_bind_rows(*state, &binding, result, false, &many));
	assert_int_equal(many.n, 0);
	PQclear(result);
}

static void the_number_of_rows_is_held(void **state)
{
	const char *const *const rows[] = {full, sparse};
	static const struct {
		enum db_row_count rows;
		int n;
		bool fits;
	} table[] = {{DB_ROWS_ONE, 0, false}, {DB_ROWS_ONE, 1, true}, {DB_ROWS_ONE, 2, false},
		{DB_ROWS_MAYBE, 0, true}, {DB_ROWS_MAYBE, 1, true}, {DB_ROWS_MAYBE, 2, false}};
	for (size_t i = 0; i < COUNT(table); i++) {
		const struct db_binding binding = bind_as(table[i].rows);
		const struct in untouched = {.number = 99};
		struct in row = untouched;
		const void *found = &untouched;
		const bool one = table[i].rows == DB_ROWS_ONE;
		PGresult *result = answer(rows, table[i].n, N_COLUMNS);
		assert_err(
			db_bind_rows(*state, &binding, result, false, one ? (void *)&row : &found),
			table[i].fits ? ERR_NONE : ERR_DB);
		PQclear(result);
		if (!table[i].fits)
			assert_true(row.number == 99 && found == &untouched);
		else if (one)
			assert_full(&row);
		else if (table[i].n == 1)
			assert_full(found);
		else
			assert_null(found);
	}
}

/* One good row with one cell changed. */
static void assert_refused(struct arena *arena, int at, const char *text)
{
	const struct db_binding binding = bind_as(DB_ROWS_ONE);
	const char *cells[N_COLUMNS];
	const char *const *const rows[] = {cells};
	struct in row;
	memcpy(cells, full, sizeof cells);
	cells[at] = text;
	PGresult *result = answer(rows, 1, N_COLUMNS);
	assert_err(db_bind_rows(arena, &binding, result, true, &row), ERR_DB);
	PQclear(result);
}

static void a_value_of_another_type_is_refused(void **state)
{
	static const struct {
		int at;
		const char *text;
	} rows[] = {{2, "x"}, {2, "\\x0"}, {2, "\\xzz"}, {4, ""}, {4, "x"}, {4, "1x"},
		{4, "9223372036854775808"}, {4, "1.5"}, {6, ""}, {6, "x"}, {7, ""}, {7, "true"},
		{9, ""}, {9, "{NULL}"}};
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_refused(*state, rows[i].at, rows[i].text);
}

static void null_in_a_column_that_is_not_declared_so_is_refused(void **state)
{
	for (int i = 0; i < N_COLUMNS; i++)
		if (!params[i].nullable)
			assert_refused(*state, i, NULL);
}

static void fail_strictly(void *arg)
{
	const struct db_binding binding = bind_as(DB_ROWS_MANY);
	struct db_many many;
	(void)db_bind_rows(arg, &binding, answer(NULL, 0, N_COLUMNS - 1), true, &many).err;
}

static void other_columns_are_refused(void **state)
{
	const struct db_binding binding = bind_as(DB_ROWS_MANY);
	struct db_many many = {NULL, 99};
	struct db_field renamed[COUNT(params)];
	struct db_binding other = binding;
	memcpy(renamed, params, sizeof params);
	renamed[N_COLUMNS - 1].name = "else";
	other.columns = renamed;
	PGresult *fewer = answer(NULL, 0, N_COLUMNS - 1), *more = answer(NULL, 0, N_COLUMNS + 1);
	PGresult *same = answer(NULL, 0, N_COLUMNS);
	assert_err(db_bind_rows(*state, &binding, fewer, false, &many), ERR_DB);
	assert_err(db_bind_rows(*state, &binding, more, false, &many), ERR_DB);
	assert_err(db_bind_rows(*state, &other, same, false, &many), ERR_DB);
	assert_int_equal(many.n, 99);
	assert_ok(db_bind_rows(*state, &binding, same, true, &many));
	assert_true(unit_aborts(fail_strictly, *state));
	PQclear(fewer);
	PQclear(more);
	PQclear(same);
}

static void an_answer_that_would_fill_the_arena_is_refused(void **state)
{
	static char big[(4u << 20) + 1];
	const char *cells[N_COLUMNS];
	const char *const *const rows[] = {cells, cells, cells};
	const struct db_binding binding = bind_as(DB_ROWS_MANY);
	struct db_many many = {NULL, 99};
	memcpy(cells, full, sizeof cells);
	memset(big, 'a', sizeof big - 1);
	cells[0] = big;
	PGresult *three = answer(rows, 3, N_COLUMNS), *two = answer(rows, 2, N_COLUMNS);
	assert_err(db_bind_rows(*state, &binding, three, false, &many), ERR_DB);
	assert_int_equal(many.n, 99);
	assert_ok(db_bind_rows(*state, &binding, two, false, &many));
	assert_int_equal(many.n, 2);
	PQclear(three);
	PQclear(two);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(members_become_arguments),
		WITH(null_goes_out_where_it_is_declared),
		WITH(null_is_refused_where_it_is_not_declared),
		WITH(rows_outlive_the_answer),
		WITH(the_number_of_rows_is_held),
		WITH(a_value_of_another_type_is_refused),
		WITH(null_in_a_column_that_is_not_declared_so_is_refused),
		WITH(other_columns_are_refused),
		WITH(an_answer_that_would_fill_the_arena_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
