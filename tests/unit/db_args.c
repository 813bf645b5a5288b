/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/io/db.h"

static void arguments_have_their_forms(void **state)
{
	struct arena *arena = arena_new();
	struct db_args args = db_args(arena);
	char bytes[3] = {1, 0, 2};
	(void)state;
	db_text(&args, "a");
	db_text(&args, NULL);
	db_int(&args, INT64_MIN);
	db_bool(&args, true);
	db_bool(&args, false);
	db_bytes(&args, bytes, 3);
	db_bytes(&args, NULL, 0);
	db_bytes(&args, bytes, 0);
	memset(bytes, 9, sizeof bytes);
	assert_int_equal(args.n, 8);
	assert_string_equal(args.values[0], "a");
	assert_null(args.values[1]);
	assert_string_equal(args.values[2], "-9223372036854775808");
	assert_string_equal(args.values[3], "t");
	assert_string_equal(args.values[4], "f");
	assert_memory_equal(args.values[5], "\1\0\2", 3);
	assert_int_equal(args.lens[5], 3);
	assert_int_equal(args.formats[5], 1);
	assert_int_equal(args.formats[0], 0);
	assert_null(args.values[6]);
	assert_non_null(args.values[7]);
	assert_int_equal(args.lens[7], 0);
	arena_free(arena);
}

static void one_too_many(void *arg)
{
	struct db_args args = db_args(arg);
	for (int i = 0; i <= DB_ARGS_MAX; i++)
		db_text(&args, "a");
}

static void more_than_fit_end_the_process(void **state)
{
	struct arena *arena = arena_new();
	(void)state;
	assert_true(unit_aborts(one_too_many, arena));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_have_their_forms),
		cmocka_unit_test(more_than_fit_end_the_process),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
