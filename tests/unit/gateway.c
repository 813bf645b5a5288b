/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/courier/gateway.h"

static struct gateways gateways;
static struct arena *arena;

static int open_two(void **state)
{
	const struct settings settings = {
		.sms_gateways = "http://127.0.0.1:1/a http://127.0.0.1:2/b", .sms_auth_file = ""};
	(void)state;
	arena = arena_new();
	assert_ok(gateways_open(&settings, false, arena, &gateways));
	assert_int_equal(gateways.n, 2);
	return 0;
}

static int close_two(void **state)
{
	(void)state;
	gateways_close(&gateways);
	arena_free(arena);
	return 0;
}

static void open_breaker(struct gateway *gateway)
{
	for (int i = 0; i < BREAKER_FAILURES; i++)
		breaker_note(&gateway->breaker, false, 1);
}

static void the_one_after_the_last_is_tried(void **state)
{
	(void)state;
	assert_string_equal(gateways_pick(&gateways, NULL, 1)->name, "sms1");
	assert_string_equal(gateways_pick(&gateways, "sms1", 1)->name, "sms2");
	assert_string_equal(gateways_pick(&gateways, "sms2", 1)->name, "sms1");
	assert_string_equal(gateways_pick(&gateways, "gone", 1)->name, "sms1");
	open_breaker(&gateways.items[0]);
	assert_string_equal(gateways_pick(&gateways, NULL, 1)->name, "sms2");
	assert_string_equal(gateways_pick(&gateways, "sms2", 1)->name, "sms2");
	assert_int_equal(gateways_wait_us(&gateways, 1), 0);
	open_breaker(&gateways.items[1]);
	assert_null(gateways_pick(&gateways, NULL, 1));
	assert_int_equal(gateways_wait_us(&gateways, 1), BREAKER_REST_US);
}

static void each_round_waits_twice_as_long(void **state)
{
	static const int64_t two[] = {0, 1000, 0, 2000, 0, 4000, 0, 8000, 0, 16000, 0, 30000, 0,
		30000},
			     one[] = {1000, 2000, 4000, 8000, 16000, 30000, 30000};
	struct gateways single = {.n = 1};
	(void)state;
	for (size_t i = 0; i < COUNT(two); i++)
		assert_int_equal(gateways_delay_ms(&gateways, (int64_t)i + 1), two[i]);
	for (size_t i = 0; i < COUNT(one); i++)
		assert_int_equal(gateways_delay_ms(&single, (int64_t)i + 1), one[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_one_after_the_last_is_tried, open_two, close_two),
		cmocka_unit_test_setup_teardown(
			each_round_waits_twice_as_long, open_two, close_two),
	};
	return cmocka_run_group_tests_name("courier/gateway", tests, NULL, NULL);
}
