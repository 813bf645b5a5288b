/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "otp/challenge.h"

#define NEVER -1

static struct challenge_target targets[2];
static struct challenge_facts facts;

static int set_up(void **state)
{
	(void)state;
	targets[0] = targets[1] = (struct challenge_target){NEVER, NEVER};
	facts = (struct challenge_facts){.targets = targets,
		.n = 1,
		.number = "+66812345678",
		.prefixes = "+66",
		.address = {0, 300},
		.range = {0, 500},
		.hour = {0, 1000},
		.day = {0, 5000}};
	return 0;
}

static void expect(enum challenge_verdict verdict, const char *reason, int64_t wait_s)
{
	const struct challenge_decision decision = challenge_decide(&facts);
	assert_int_equal(decision.verdict, verdict);
	if (reason)
		assert_string_equal(decision.reason, reason);
	else
		assert_null(decision.reason);
	assert_int_equal(decision.wait_s, wait_s);
}

static void the_first_code_is_sent(void **state)
{
	(void)state;
	expect(CHALLENGE_SEND, NULL, 0);
	assert_null(challenge_decide(&facts).spent);
}

static void another_after_thirty_seconds(void **state)
{
	(void)state;
	targets[0].last_ms = 0;
	expect(CHALLENGE_WAIT, "resend", 30);
	targets[0].last_ms = 29001;
	expect(CHALLENGE_WAIT, "resend", 1);
	targets[0].last_ms = 30000;
	expect(CHALLENGE_SEND, NULL, 0);
}

static void five_an_hour(void **state)
{
	(void)state;
	targets[0].last_ms = 60000;
	targets[0].nth_ms = 3599999;
	expect(CHALLENGE_WAIT, "target", 1);
	targets[0].nth_ms = 600000;
	expect(CHALLENGE_WAIT, "target", 3000);
	targets[0].nth_ms = 3600000;
	expect(CHALLENGE_SEND, NULL, 0);
	/* Whichever is longer. */
	targets[0] = (struct challenge_target){1000, 3599000};
	expect(CHALLENGE_WAIT, "resend", 29);
}

static void of_two_targets_each_has_its_limits(void **state)
{
	(void)state;
	facts.n = 2;
	targets[1].last_ms = 10000;
	expect(CHALLENGE_WAIT, "resend", 20);
	targets[0].nth_ms = 3000000;
	expect(CHALLENGE_WAIT, "target", 600);
	targets[0].nth_ms = targets[1].last_ms = 3600000;
	expect(CHALLENGE_SEND, NULL, 0);
}

static void a_number_begins_with_an_allowed_prefix(void **state)
{
	(void)state;
	facts.prefixes = "+856 +855";
	expect(CHALLENGE_REFUSED, "prefix", 0);
	facts.prefixes = "+856 +66";
	expect(CHALLENGE_SEND, NULL, 0);
	facts.prefixes = "";
	expect(CHALLENGE_REFUSED, "prefix", 0);
	assert_true(challenge_prefix_allowed("+85620123456", "+66  +856"));
	assert_false(challenge_prefix_allowed("+85", "+856"));
	assert_false(challenge_prefix_allowed("+4479", "+66 +856 "));
}

static void each_cap_refuses_from_its_number_on(void **state)
{
	struct challenge_count *const counts[] = {
		&facts.address, &facts.range, &facts.hour, &facts.day};
	static const char *const reasons[] = {"address", "range", "budget", "budget"};
	for (size_t i = 0; i < COUNT(counts); i++) {
		(void)set_up(state);
		counts[i]->sent = counts[i]->most - 1;
		expect(CHALLENGE_SEND, NULL, 0);
		counts[i]->sent++;
		expect(CHALLENGE_REFUSED, reasons[i], 0);
	}
}

static void mail_is_capped_by_who_asks_alone(void **state)
{
	(void)state;
	facts.number = NULL;
	facts.prefixes = "";
	facts.range.sent = facts.hour.sent = facts.day.sent = 100000;
	expect(CHALLENGE_SEND, NULL, 0);
	assert_null(challenge_decide(&facts).spent);
	facts.address.sent = 300;
	expect(CHALLENGE_REFUSED, "address", 0);
}

static void the_last_of_the_budget_is_told(void **state)
{
	(void)state;
	facts.hour.sent = 999;
	assert_string_equal(challenge_decide(&facts).spent, "hour");
	facts.hour.sent = 998;
	assert_null(challenge_decide(&facts).spent);
	facts.day.sent = 4999;
	assert_string_equal(challenge_decide(&facts).spent, "day");
	targets[0].last_ms = 0; /* nothing is sent */
	assert_null(challenge_decide(&facts).spent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_first_code_is_sent, set_up),
		cmocka_unit_test_setup(another_after_thirty_seconds, set_up),
		cmocka_unit_test_setup(five_an_hour, set_up),
		cmocka_unit_test_setup(of_two_targets_each_has_its_limits, set_up),
		cmocka_unit_test_setup(a_number_begins_with_an_allowed_prefix, set_up),
		cmocka_unit_test_setup(each_cap_refuses_from_its_number_on, set_up),
		cmocka_unit_test_setup(mail_is_capped_by_who_asks_alone, set_up),
		cmocka_unit_test_setup(the_last_of_the_budget_is_told, set_up),
	};
	return cmocka_run_group_tests_name("otp/challenge", tests, NULL, NULL);
}
