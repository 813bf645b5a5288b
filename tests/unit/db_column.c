/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL's binary form of arrays: array_send() of the server writes the same. */
#include "tests/unit/unit.h"
#include "idp/base/enc.h"
#include "idp/io/db_column.h"
#include <stddef.h>

struct in {
	const char *text;
	int64_t number;
	bool number_null;
	double real;
	bool flag;
	struct bytes bytes;
	struct str_list list;
};

#define AT(member) offsetof(struct in, member)

static const struct db_field text = {"text", DB_TEXT, true, AT(text), 0};
static const struct db_field number = {"number", DB_INT, true, AT(number), AT(number_null)};
static const struct db_field real = {"real", DB_FLOAT, false, AT(real), 0};
static const struct db_field flag = {"flag", DB_BOOL, false, AT(flag), 0};
static const struct db_field bytes = {"bytes", DB_BYTES, true, AT(bytes), 0};
static const struct db_field list = {"list", DB_TEXT_LIST, false, AT(list), 0};

static const char *words[] = {"a b", "\""};
static const struct in one = {.text = "ab",
	.number = -2,
	.real = 1.5,
	.flag = true,
	.bytes = {(const uint8_t *)"\0\xff", 2},
	.list = {words, 2}};
static const struct in other = {.number_null = true, .bytes = {(const uint8_t *)"", 0}};
static const void *const both[] = {&one, &other};

struct expected {
	const struct db_field *field;
	const char *hex;
};

/* One dimension, a NULL in it or none, the element type, two elements, from 1. */
#define HEAD(nulls, oid) \
	"00000001" nulls oid "00000002" \
	"00000001"

static void a_column_is_an_array(void **state)
{
	static const struct expected table[] = {
		{&text, HEAD("00000001", "00000019") "00000002"
						     "6162"
						     "ffffffff"},
		{&number, HEAD("00000001", "00000014") "00000008"
						       "fffffffffffffffe"
						       "ffffffff"},
		{&real, HEAD("00000000", "000002bd") "00000008"
						     "3ff8000000000000"
						     "00000008"
						     "0000000000000000"},
		{&flag, HEAD("00000000", "00000010") "00000001"
						     "01"
						     "00000001"
						     "00"},
		{&bytes, HEAD("00000000", "00000011") "00000002"
						      "00ff"
						      "00000000"},
		{&list, HEAD("00000000", "00000019") "0000000c"
						     "7b22612062222c225c22227d"
						     "00000002"
						     "7b7d"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct arena *arena = arena_new();
		struct db_args args = db_args(arena);
		db_column(&args, table[i].field, both, 2);
		assert_int_equal(args.n, 1);
		assert_int_equal(args.formats[0], 1);
		assert_string_equal(
			enc_hex(arena, args.values[0], (size_t)args.lens[0]), table[i].hex);
		arena_free(arena);
	}
}

static void extremes_are_those_of_all(void **state)
{
	const struct in items[] = {
		{.number = 5, .real = 2}, {.number = -7, .real = 0.5}, {.number = 9}};
	const void *const all[] = {&items[0], &items[1], &items[2]};
	const struct db_extreme table[] = {
		{&number, false}, {&number, true}, {&real, false}, {&real, true}};
	static const char *const expected[] = {
		"fffffffffffffff9", "0000000000000009", "0000000000000000", "4000000000000000"};
	struct arena *arena = arena_new();
	struct db_args args = db_args(arena);
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		db_column_extreme(&args, &table[i], all, 3);
		assert_string_equal(
			enc_hex(arena, args.values[i], (size_t)args.lens[i]), expected[i]);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_column_is_an_array),
		cmocka_unit_test(extremes_are_those_of_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
