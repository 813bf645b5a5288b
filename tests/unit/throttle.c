/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "otp/throttle.h"

#define HOUR_S 3600

static void password_delays_double_from_a_second_to_an_hour(void **state)
{
	(void)state;
	assert_int_equal(throttle_password_delay_s(0), 0);
	for (int i = 1; i <= 12; i++)
		assert_int_equal(throttle_password_delay_s(i), 1 << (i - 1));
	assert_int_equal(throttle_password_delay_s(13), HOUR_S);
	assert_int_equal(throttle_password_delay_s(THROTTLE_FAILURES_MAX), HOUR_S);
	assert_int_equal(throttle_password_delay_s(INT64_MAX), HOUR_S);
}

/* Whoever waits until the failures are forgotten has had no more tries than one an hour. */
static void failures_are_forgotten_no_faster_than_one_an_hour(void **state)
{
	(void)state;
	int64_t delays_s = 0;
	for (int n = 1; n < 40; n++) {
		const int64_t all_s = delays_s + throttle_password_forget_s(n);
		assert_true(all_s >= (int64_t)n * HOUR_S);
		assert_true(throttle_password_forget_s(n) > throttle_password_delay_s(n));
		delays_s += throttle_password_delay_s(n);
	}
}

static void three_wrong_codes_are_free_then_delays_double_to_an_hour(void **state)
{
	(void)state;
	for (int i = 0; i <= 3; i++)
		assert_int_equal(throttle_factor_delay_s(i), 0);
	for (int i = 4; i <= 15; i++)
		assert_int_equal(throttle_factor_delay_s(i), 1 << (i - 4));
	assert_int_equal(throttle_factor_delay_s(16), HOUR_S);
	assert_int_equal(throttle_factor_delay_s(THROTTLE_FACTOR_FAILURES_MAX), HOUR_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(password_delays_double_from_a_second_to_an_hour),
		cmocka_unit_test(failures_are_forgotten_no_faster_than_one_an_hour),
		cmocka_unit_test(three_wrong_codes_are_free_then_delays_double_to_an_hour),
	};
	return cmocka_run_group_tests_name("otp/throttle", tests, NULL, NULL);
}
