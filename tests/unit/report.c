/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/courier/report.h"
#include "idp/base/str.h"

#define ID "01932b1e-0000-7000-8000-000000000001"
#define OTHER "01932b1e-0000-7000-8000-000000000002"

static const uint8_t key[KEY_LEN] = {1}, other_key[KEY_LEN] = {2};

static const char *mac_in(struct arena *arena, const char *url)
{
	return arena_strndup(arena, strstr(url, "mac=") + 4, 43);
}

static void a_mac_is_of_one_message_and_one_key(void **state)
{
	struct arena *const arena = arena_new();
	const char *const url = report_url(arena, key, "http://127.0.0.1:8444/report", ID);
	const char *const mac = mac_in(arena, url);
	(void)state;
	assert_string_equal(
		url, arena_printf(arena, "http://127.0.0.1:8444/report?id=" ID "&mac=%s&status=%%d",
			     mac));
	assert_true(report_mac_valid(arena, key, ID, mac));
	assert_false(report_mac_valid(arena, key, OTHER, mac));
	assert_false(report_mac_valid(arena, other_key, ID, mac));
	assert_false(report_mac_valid(arena, key, ID, ""));
	assert_false(report_mac_valid(arena, key, ID, NULL));
	assert_false(report_mac_valid(arena, key, ID, arena_printf(arena, "%sA", mac)));
	arena_free(arena);
}

static void what_kannels_numbers_mean(void **state)
{
	static const char *const others[] = {"4", "8", "0", "", "3", "1 ", "01", "%d", "delivered"};
	(void)state;
	assert_string_equal(report_state_of("1")->state, "delivered");
	assert_string_equal(report_state_of("2")->state, "failed");
	assert_string_equal(report_state_of("16")->state, "failed");
	for (size_t i = 0; i < COUNT(others); i++)
		assert_null(report_state_of(others[i]));
	assert_null(report_state_of(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mac_is_of_one_message_and_one_key),
		cmocka_unit_test(what_kannels_numbers_mean),
	};
	return cmocka_run_group_tests_name("courier/report", tests, NULL, NULL);
}
