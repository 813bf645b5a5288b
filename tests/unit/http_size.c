/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/io/http_size.h"

static const struct settings USUAL = {.max_connections = 10000,
	.quick_workers = 8,
	.slow_workers = 4,
	.quick_queue = 512,
	.slow_queue = 256};

static void what_is_wanted_fits_itself(void **state)
{
	(void)state;
	const struct http_size wanted = http_size_wanted(&USUAL);
	const struct http_size same = http_size_within(&USUAL, wanted.files, wanted.memory_mib);
	assert_int_equal(wanted.connections, 10000);
	assert_int_equal(wanted.files, 24 + 2 * 13 + 10000 + 256);
	assert_int_equal(wanted.memory_mib, 64 + 780 / 4 + 10000 / 8);
	assert_int_equal(same.connections, 10000);
	assert_int_equal(same.lingering, 256);
	assert_int_equal(same.memory_mib, wanted.memory_mib);
}

static void fewer_files_mean_fewer_connections(void **state)
{
	(void)state;
	const struct http_size few = http_size_within(&USUAL, 64, -1);
	assert_int_equal(few.lingering, 1);
	assert_int_equal(few.connections, 64 - 50 - 1);
	assert_true(few.files <= 64);
	assert_int_equal(http_size_within(&USUAL, 1024, -1).files, 1024);
	assert_int_equal(http_size_within(&USUAL, 65536, -1).connections, 10000);
	assert_true(http_size_within(&USUAL, 50, -1).connections <= 0);
	assert_true(http_size_within(&USUAL, -1, -1).connections <= 0);
}

static void less_memory_means_fewer_connections(void **state)
{
	(void)state;
	const struct http_size half = http_size_within(&USUAL, 65536, 1024);
	assert_int_equal(half.connections, (1024 - 64 - 195) * 8);
	assert_int_equal(half.memory_mib, 1024);
	assert_true(http_size_within(&USUAL, 65536, 100).connections <= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wanted_fits_itself),
		cmocka_unit_test(fewer_files_mean_fewer_connections),
		cmocka_unit_test(less_memory_means_fewer_connections),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
