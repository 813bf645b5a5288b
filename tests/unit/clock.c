/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/clock.h"
#include <time.h>

static int64_t held(void *arg)
{
	return *(int64_t *)arg;
}

static void a_test_can_hold_it(void **state)
{
	(void)state;
	int64_t now = 1700000000999;
	const struct clock clock = {held, &now};
	assert_int_equal(clock_now_s(&clock), 1700000000);
	assert_int_equal(clock_now_ms(&clock), 1700000000999);
	now++;
	assert_int_equal(clock_now_s(&clock), 1700000001);
}

static void the_system_s_is_wall_time(void **state)
{
	(void)state;
	const struct clock clock = clock_system();
	int64_t before = (int64_t)time(NULL), now = clock_now_s(&clock);
	assert_in_range(now - before, 0, 1);
}

static void monotonic_time_never_goes_back(void **state)
{
	(void)state;
	int64_t last = clock_monotonic_us(), first = last;
	for (int i = 0; i < 100000; i++) {
		int64_t now = clock_monotonic_us();
		assert_true(now >= last);
		last = now;
	}
	assert_true(last > first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_test_can_hold_it),
		cmocka_unit_test(the_system_s_is_wall_time),
		cmocka_unit_test(monotonic_time_never_goes_back),
	};
	return cmocka_run_group_tests_name("base/clock", tests, NULL, NULL);
}
