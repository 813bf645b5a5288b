/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/io/http_reap.h"

static const struct http_limits LIMITS = {.receive_us = 10,
	.send_us = 60,
	.idle_us = 75,
	.evict_after_us = 2,
	.evict_silent_us = 1,
	.idle_max = 8,
	.idle_many = 4,
	.idle_many_us = 5};

static void each_state_has_its_time(void **state)
{
	(void)state;
	assert_false(http_reap_due(&LIMITS, HTTP_STATE_RECEIVING, 9, 0));
	assert_true(http_reap_due(&LIMITS, HTTP_STATE_RECEIVING, 10, 0));
	assert_false(http_reap_due(&LIMITS, HTTP_STATE_SENDING, 59, 0));
	assert_true(http_reap_due(&LIMITS, HTTP_STATE_SENDING, 60, 0));
	assert_false(http_reap_due(&LIMITS, HTTP_STATE_IDLE, 74, 0));
	assert_true(http_reap_due(&LIMITS, HTTP_STATE_IDLE, 75, 0));
	assert_false(http_reap_due(&LIMITS, HTTP_STATE_HANDLING, INT64_MAX, 0));
}

static void many_idle_ones_are_kept_for_less(void **state)
{
	(void)state;
	assert_false(http_reap_due(&LIMITS, HTTP_STATE_IDLE, 5, 4));
	assert_true(http_reap_due(&LIMITS, HTTP_STATE_IDLE, 5, 5));
	assert_false(http_reap_due(&LIMITS, HTTP_STATE_IDLE, 4, 5));
	assert_false(http_reap_due(&LIMITS, HTTP_STATE_RECEIVING, 5, 5));
}

static void idle_ones_give_way_first_and_the_older_before_the_younger(void **state)
{
	const int64_t young_idle = http_reap_rank(&LIMITS, HTTP_STATE_IDLE, false, 0);
	const int64_t old_idle = http_reap_rank(&LIMITS, HTTP_STATE_IDLE, false, 70);
	const int64_t young_slow = http_reap_rank(&LIMITS, HTTP_STATE_RECEIVING, false, 2);
	const int64_t old_slow = http_reap_rank(&LIMITS, HTTP_STATE_RECEIVING, false, 9);
	(void)state;
	const int64_t silent = http_reap_rank(&LIMITS, HTTP_STATE_RECEIVING, true, 1);
	assert_true(old_idle > young_idle && young_idle > silent && silent > old_slow);
	assert_true(old_slow > young_slow && young_slow > 0);
}

static void nobody_gives_way_in_the_midst_of_work(void **state)
{
	(void)state;
	assert_int_equal(http_reap_rank(&LIMITS, HTTP_STATE_RECEIVING, false, 1), 0);
	assert_int_equal(http_reap_rank(&LIMITS, HTTP_STATE_RECEIVING, true, 0), 0);
	assert_int_equal(http_reap_rank(&LIMITS, HTTP_STATE_HANDLING, true, 1000), 0);
	assert_int_equal(http_reap_rank(&LIMITS, HTTP_STATE_SENDING, false, 59), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_state_has_its_time),
		cmocka_unit_test(many_idle_ones_are_kept_for_less),
		cmocka_unit_test(idle_ones_give_way_first_and_the_older_before_the_younger),
		cmocka_unit_test(nobody_gives_way_in_the_midst_of_work),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
