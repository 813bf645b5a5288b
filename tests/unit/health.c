/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/web/health.h"

static void an_answer_counts_for_two_seconds_after_the_question(void **state)
{
	(void)state;
	struct health *health = health_new();
	const int64_t asked_us = 5000000;
	assert_false(health_is_well(health, HEALTH_VAULT, asked_us));
	health_note(health, HEALTH_VAULT, asked_us, OK);
	assert_true(health_is_well(health, HEALTH_VAULT, asked_us));
	assert_true(health_is_well(health, HEALTH_VAULT, asked_us + HEALTH_FRESH_US));
	assert_false(health_is_well(health, HEALTH_VAULT, asked_us + HEALTH_FRESH_US + 1));
	assert_false(health_is_well(health, HEALTH_DATABASE, asked_us));
	health_free(health);
}

static void a_failure_is_known_at_once(void **state)
{
	(void)state;
	struct health *health = health_new();
	health_note(health, HEALTH_DATABASE, 5000000, OK);
	health_note(health, HEALTH_DATABASE, 5000001, FAILED(ERR_DB));
	assert_false(health_is_well(health, HEALTH_DATABASE, 5000001));
	health_note(health, HEALTH_DATABASE, 5000002, OK);
	assert_true(health_is_well(health, HEALTH_DATABASE, 5000002));
	health_free(health);
	health_free(NULL);
}

static void what_is_not_asked_is_not_well(void **state)
{
	(void)state;
	assert_false(health_is_well(NULL, HEALTH_VAULT, 1));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_counts_for_two_seconds_after_the_question),
		cmocka_unit_test(a_failure_is_known_at_once),
		cmocka_unit_test(what_is_not_asked_is_not_well),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
