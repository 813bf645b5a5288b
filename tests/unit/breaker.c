/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/courier/breaker.h"

static void fail_times(struct breaker *breaker, int n, int64_t now_us)
{
	for (int i = 0; i < n; i++) {
		assert_true(breaker_permits(breaker, now_us));
		breaker_note(breaker, false, now_us);
	}
}

static void failures_in_a_row_open_it(void **state)
{
	struct breaker breaker;
	(void)state;
	breaker_init(&breaker);
	fail_times(&breaker, BREAKER_FAILURES - 1, 1);
	breaker_note(&breaker, true, 1);
	fail_times(&breaker, BREAKER_FAILURES - 1, 1);
	assert_int_equal(breaker_wait_us(&breaker, 1), 0);
	fail_times(&breaker, 1, 1);
	assert_int_equal(breaker_wait_us(&breaker, 1), BREAKER_REST_US);
	assert_false(breaker_permits(&breaker, 1));
	assert_false(breaker_permits(&breaker, BREAKER_REST_US));
	breaker_destroy(&breaker);
}

static void after_its_rest_one_message_tries_it(void **state)
{
	const int64_t later_us = BREAKER_REST_US + 1, again_us = later_us + BREAKER_REST_US;
	struct breaker breaker;
	(void)state;
	breaker_init(&breaker);
	fail_times(&breaker, BREAKER_FAILURES, 1);
	assert_true(breaker_permits(&breaker, later_us));
	assert_false(breaker_permits(&breaker, later_us));
	assert_true(breaker_wait_us(&breaker, later_us) > 0);
	breaker_note(&breaker, false, later_us);
	assert_false(breaker_permits(&breaker, later_us));
	assert_true(breaker_permits(&breaker, again_us));
	breaker_unused(&breaker);
	assert_true(breaker_permits(&breaker, again_us));
	breaker_note(&breaker, true, again_us);
	assert_true(breaker_permits(&breaker, again_us));
	assert_true(breaker_permits(&breaker, again_us));
	breaker_destroy(&breaker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_in_a_row_open_it),
		cmocka_unit_test(after_its_rest_one_message_tries_it),
	};
	return cmocka_run_group_tests_name("courier/breaker", tests, NULL, NULL);
}
