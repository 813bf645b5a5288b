/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/settings.h"
#include "idp/vault/blocklist.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/pratu-blocklist-XXXXXX";

static int make(void **state)
{
	(void)state;
	strcpy(path + sizeof path - 7, "XXXXXX");
	const int fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int clear(void **state)
{
	(void)state;
	return unlink(path);
}

static void write_list(const char *text, size_t len)
{
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static struct blocklist *load(const char *text)
{
	struct blocklist *list = NULL;
	write_list(text, strlen(text));
	assert_ok(blocklist_load(path, &list));
	return list;
}

static void a_listed_password_is_found_however_it_is_written(void **state)
{
	(void)state;
	struct blocklist *list =
		load("river-market\r\nCaf\u00e9-au-lait\n\nriver-market\nLast-Line");
	assert_int_equal(blocklist_count(list), 3);
	assert_true(blocklist_has(list, "river-market"));
	assert_true(blocklist_has(list, "River-MARKET"));
	assert_true(blocklist_has(list, "cafe\u0301-au-lait"));
	assert_true(blocklist_has(list, "last-line"));
	assert_false(blocklist_has(list, "river-marke"));
	assert_false(blocklist_has(list, "river-market "));
	assert_false(blocklist_has(list, ""));
	assert_false(blocklist_has(list, "\xff"));
	blocklist_free(list);
}

static void what_is_no_password_is_left_out(void **state)
{
	(void)state;
	char text[400] = "short\nnot-utf8-\xff\xfe\n";
	memset(text + strlen(text), 'x', 257);
	strcat(text, "\nlong-enough");
	struct blocklist *list = load(text);
	assert_int_equal(blocklist_count(list), 1);
	assert_true(blocklist_has(list, "long-enough"));
	blocklist_free(list);
}

/* A list in UTF-16 would otherwise block nothing, and nobody would know. */
static void a_file_without_a_password_is_refused(void **state)
{
	(void)state;
	static const char utf16[] = "\xff\xfer\0i\0v\0e\0r\0-\0m\0a\0r\0k\0e\0t\0\n\0";
	struct blocklist *list = NULL;
	write_list(utf16, sizeof utf16 - 1);
	assert_int_equal(blocklist_load(path, &list).err, ERR_CONFIG);
	write_list("short\n", 6);
	assert_int_equal(blocklist_load(path, &list).err, ERR_CONFIG);
	assert_null(list);
	list = load("");
	assert_int_equal(blocklist_count(list), 0);
	blocklist_free(list);
}

static void a_byte_order_mark_is_no_part_of_a_password(void **state)
{
	(void)state;
	struct blocklist *list = load("\xef\xbb\xbfriver-market\nlast-line");
	assert_int_equal(blocklist_count(list), 2);
	assert_true(blocklist_has(list, "river-market"));
	assert_true(blocklist_has(list, "last-line"));
	blocklist_free(list);
}

/* ASCII and what is not go different ways to one fingerprint: the Kelvin sign's lower case is k. */
static void ascii_and_other_writing_meet(void **state)
{
	(void)state;
	struct blocklist *list = load("\xe2\x84\xaa"
				      "elvin-scale\nPLAIN-\x01-control");
	assert_true(blocklist_has(list, "kelvin-scale"));
	assert_true(blocklist_has(list, "Kelvin-Scale"));
	assert_true(blocklist_has(list, "plain-\x01-CONTROL"));
	blocklist_free(list);
}

static void without_a_file_there_is_none(void **state)
{
	(void)state;
	struct blocklist *list = NULL;
	assert_ok(blocklist_load("", &list));
	assert_int_equal(blocklist_count(list), 0);
	assert_false(blocklist_has(list, "password"));
	assert_false(blocklist_has(NULL, "password"));
	blocklist_free(list);
	blocklist_free(NULL);
}

static void a_file_that_cannot_be_held_is_refused(void **state)
{
	(void)state;
	struct blocklist *list = NULL;
	assert_int_equal(blocklist_load("/nowhere/list", &list).err, ERR_CONFIG);
	assert_int_equal(blocklist_load("/tmp", &list).err, ERR_CONFIG);
	assert_int_equal(truncate(path, SETTINGS_BLOCKLIST_MAX + 1), 0);
	assert_int_equal(blocklist_load(path, &list).err, ERR_CONFIG);
	assert_null(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_listed_password_is_found_however_it_is_written, make, clear),
		cmocka_unit_test_setup_teardown(what_is_no_password_is_left_out, make, clear),
		cmocka_unit_test_setup_teardown(a_file_without_a_password_is_refused, make, clear),
		cmocka_unit_test_setup_teardown(
			a_byte_order_mark_is_no_part_of_a_password, make, clear),
		cmocka_unit_test_setup_teardown(ascii_and_other_writing_meet, make, clear),
		cmocka_unit_test(without_a_file_there_is_none),
		cmocka_unit_test_setup_teardown(a_file_that_cannot_be_held_is_refused, make, clear),
	};
	return cmocka_run_group_tests_name("vault/blocklist", tests, NULL, NULL);
}
