/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/io/db_array.h"

static int begin(void **state)
{
	*state = arena_new();
	return 0;
}

static int end(void **state)
{
	arena_free(*state);
	return 0;
}

static void texts_are_quoted(void **state)
{
	static const char *const items[] = {"a b", "", "NULL", "x\"y\\z,{}", NULL};
	assert_string_equal(db_text_array(*state, NULL, 0), "{}");
	assert_string_equal(db_text_array(*state, items, 1), "{\"a b\"}");
	assert_string_equal(
		db_text_array(*state, items, 5), "{\"a b\",\"\",\"NULL\",\"x\\\"y\\\\z,{}\",NULL}");
}

static void numbers_and_bytes_have_their_literals(void **state)
{
	static const int64_t numbers[] = {INT64_MIN, 0, INT64_MAX};
	static const struct bytes items[] = {
		{(const uint8_t *)"\0\xff", 2}, {(const uint8_t *)"", 0}, {NULL, 0}};
	assert_string_equal(db_int_array(*state, &(const struct int64_list){NULL, 0}), "{}");
	assert_string_equal(db_int_array(*state, &(const struct int64_list){numbers, 3}),
		"{-9223372036854775808,0,9223372036854775807}");
	assert_string_equal(db_bytes_array(*state, &(const struct bytes_list){NULL, 0}), "{}");
	assert_string_equal(db_bytes_array(*state, &(const struct bytes_list){items, 3}),
		"{\"\\\\x00ff\",\"\\\\x\",NULL}");
}

static void literals_are_read(void **state)
{
	static const struct {
		const char *literal;
		size_t n;
		const char *items[4];
	} rows[] = {
		{"{}", 0, {NULL}},
		{"{a}", 1, {"a"}},
		{"{pwd,otp,mfa}", 3, {"pwd", "otp", "mfa"}},
		{"{\"a b\",\"\",\"NULL\",\"x\\\"y\\\\z,{}\"}", 4,
			{"a b", "", "NULL", "x\"y\\z,{}"}},
		{"{nullable,NULLS}", 2, {"nullable", "NULLS"}},
		{"{\xe0\xb8\x81}", 1, {"\xe0\xb8\x81"}},
		{"{\"\\a\"}", 1, {"a"}},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str_list list = {0};
		assert_ok(db_array_texts(*state, rows[i].literal, &list));
		assert_int_equal(list.n, rows[i].n);
		for (size_t k = 0; k < list.n; k++)
			assert_string_equal(list.items[k], rows[i].items[k]);
	}
}

static void what_is_no_list_of_texts_is_refused(void **state)
{
	static const char *const literals[] = {"", "a", "{", "{a", "{a,", "{a,}", "{,a}", "{a}b",
		"{a}}", "{}b", "{}}", "{{a}}", "{{},{}}", "[2:3]={a,b}", "{NULL}", "{a,null}",
		"{\"a}", "{\"a\\", "{\"a\\\"}", "{\"a\"b}", "{a\"b\"}", "{a b}", "{ a}", "{a\\b}",
		"{\"a\";}"};
	for (size_t i = 0; i < COUNT(literals); i++) {
		struct str_list list = {NULL, 77};
		assert_err(db_array_texts(*state, literals[i], &list), ERR_FORMAT);
		assert_int_equal(list.n, 77);
	}
}

static void the_number_of_elements_is_bounded(void **state)
{
	struct str_list most = {ARENA_ARRAY(*state, const char *, DB_ARRAY_MAX + 1), DB_ARRAY_MAX};
	struct str_list list = {0};
	for (size_t i = 0; i <= DB_ARRAY_MAX; i++)
		most.items[i] = "a,b";
	assert_ok(db_array_texts(*state, db_text_array(*state, most.items, most.n), &list));
	assert_int_equal(list.n, DB_ARRAY_MAX);
	assert_string_equal(list.items[DB_ARRAY_MAX - 1], "a,b");
	assert_err(db_array_texts(*state, db_text_array(*state, most.items, most.n + 1), &list),
		ERR_BOUNDS);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(texts_are_quoted),
		WITH(numbers_and_bytes_have_their_literals),
		WITH(literals_are_read),
		WITH(what_is_no_list_of_texts_is_refused),
		WITH(the_number_of_elements_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
