/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "otp/throttle.h"
#include <stdio.h>

static void delays_double_from_a_second_to_an_hour(void **state)
{
	(void)state;
	static const int64_t delays[] = {
		0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600, 3600};
	for (size_t i = 0; i < COUNT(delays); i++)
		assert_int_equal(throttle_delay_s((int64_t)i), delays[i]);
	assert_int_equal(throttle_delay_s(INT64_MAX), THROTTLE_DELAY_MAX_S);
	assert_int_equal(throttle_delay_s(-1), 0);
}

static void the_statement_gets_the_same_delays(void **state)
{
	(void)state;
	char text[256] = "{";
	for (int i = 1; i <= THROTTLE_DELAYS; i++) {
		const size_t len = strlen(text);
		(void)snprintf(text + len, sizeof(text) - len, "%d%s", (int)throttle_delay_s(i),
			i == THROTTLE_DELAYS ? "}" : ",");
	}
	assert_string_equal(throttle_delays_sql(), text);
	assert_int_equal(throttle_delay_s(THROTTLE_DELAYS), THROTTLE_DELAY_MAX_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delays_double_from_a_second_to_an_hour),
		cmocka_unit_test(the_statement_gets_the_same_delays),
	};
	return cmocka_run_group_tests_name("otp/throttle", tests, NULL, NULL);
}
