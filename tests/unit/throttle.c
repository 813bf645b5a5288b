/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "otp/throttle.h"
#include <stdio.h>

static void delays_double_from_a_second_to_an_hour(void **state)
{
	(void)state;
	char text[256] = "{";
	for (int i = 0; i < THROTTLE_DELAYS; i++) {
		const size_t len = strlen(text);
		const int delay_s = i == THROTTLE_DELAYS - 1 ? 3600 : 1 << i;
		(void)snprintf(text + len, sizeof(text) - len, "%d%s", delay_s,
			i == THROTTLE_DELAYS - 1 ? "}" : ",");
	}
	assert_string_equal(throttle_delays_sql(), text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delays_double_from_a_second_to_an_hour),
	};
	return cmocka_run_group_tests_name("otp/throttle", tests, NULL, NULL);
}
