/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "otp/totp.h"

static const struct bytes rfc_seed = {(const uint8_t *)"12345678901234567890", 20};

/* RFC 6238 appendix B, the SHA-1 rows; six digits are the last six of eight (RFC 4226 s5.3). */
static const struct {
	int64_t at_s;
	const char *eight, *six;
} vectors[] = {
	{59, "94287082", "287082"},
	{1111111109, "07081804", "081804"},
	{1111111111, "14050471", "050471"},
	{1234567890, "89005924", "005924"},
	{2000000000, "69279037", "279037"},
	{20000000000, "65353130", "353130"},
};

static void codes_are_those_of_rfc_6238(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		char code[TOTP_DIGITS_MAX + 1];
		const int64_t step = vectors[i].at_s / TOTP_STEP_S;
		assert_ok(totp_generate(rfc_seed, step, 8, code));
		assert_string_equal(code, vectors[i].eight);
		assert_ok(totp_generate(rfc_seed, step, 6, code));
		assert_string_equal(code, vectors[i].six);
	}
}

static void codes_are_those_of_rfc_4226(void **state)
{
	(void)state;
	static const char *const codes[] = {"755224", "287082", "359152", "969429", "338314",
		"254676", "287922", "162583", "399871", "520489"};
	for (size_t i = 0; i < COUNT(codes); i++) {
		char code[TOTP_DIGITS_MAX + 1];
		assert_ok(totp_generate(rfc_seed, (int64_t)i, 6, code));
		assert_string_equal(code, codes[i]);
	}
}

static void generating_refuses_other_digits_and_times(void **state)
{
	(void)state;
	char code[TOTP_DIGITS_MAX + 1];
	assert_err(totp_generate(rfc_seed, 1, 5, code), ERR_BOUNDS);
	assert_err(totp_generate(rfc_seed, 1, 9, code), ERR_BOUNDS);
	assert_err(totp_generate(rfc_seed, -1, 6, code), ERR_BOUNDS);
}

static enum totp_verdict judged(int64_t now_s, int64_t last_step, const char *code, int64_t *step)
{
	const struct totp_facts facts = {rfc_seed, last_step, now_s};
	enum totp_verdict verdict;
	assert_ok(totp_judge(&facts, code, &verdict, step));
	return verdict;
}

static void this_step_and_the_one_before_are_accepted(void **state)
{
	(void)state;
	int64_t step = -1;
	assert_int_equal(judged(1111111111, 0, "050471", &step), TOTP_GOOD);
	assert_int_equal(step, 37037037);
	assert_int_equal(judged(1111111111, 0, "081804", &step), TOTP_GOOD); /* of 1111111109 */
	assert_int_equal(step, 37037036);
}

static void older_and_coming_steps_are_refused(void **state)
{
	(void)state;
	int64_t step = 0;
	assert_int_equal(judged(1111111111 + 2 * TOTP_STEP_S, 0, "050471", &step), TOTP_WRONG);
	assert_int_equal(judged(1111111111 - TOTP_STEP_S, 0, "050471", &step), TOTP_WRONG);
}

static void a_step_is_accepted_once_and_then_only_later_ones(void **state)
{
	(void)state;
	int64_t step = 0;
	assert_int_equal(judged(1111111111, 37037037, "050471", &step), TOTP_REPLAYED);
	assert_int_equal(judged(1111111111, 37037037, "081804", &step), TOTP_REPLAYED);
	assert_int_equal(judged(1111111111, 37037036, "081804", &step), TOTP_REPLAYED);
	assert_int_equal(judged(1111111111, 37037036, "050471", &step), TOTP_GOOD);
}

static void only_six_ascii_digits_are_a_code(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "05047", "0504711", "14050471", "05047a", " 50471",
		"050471 ", "+50471", "-50471", "0x5047", "๐๕๐๔๗๑"};
	int64_t step = 0;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(judged(1111111111, 0, bad[i], &step), TOTP_WRONG);
	assert_int_equal(judged(1111111111, 0, "050472", &step), TOTP_WRONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_those_of_rfc_6238),
		cmocka_unit_test(codes_are_those_of_rfc_4226),
		cmocka_unit_test(generating_refuses_other_digits_and_times),
		cmocka_unit_test(this_step_and_the_one_before_are_accepted),
		cmocka_unit_test(older_and_coming_steps_are_refused),
		cmocka_unit_test(a_step_is_accepted_once_and_then_only_later_ones),
		cmocka_unit_test(only_six_ascii_digits_are_a_code),
	};
	return cmocka_run_group_tests_name("otp/totp", tests, NULL, NULL);
}
