/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "otp/factor.h"

static void every_row_is_found_by_its_name(void **state)
{
	(void)state;
	assert_ptr_equal(factor_find(&factor_table, "totp"), &factor_totp);
	assert_ptr_equal(factor_find(&factor_table, "sandbox_code"), &factor_sandbox_code);
	assert_int_equal(factor_totp.level, LEVEL_2);
	assert_int_equal(factor_sandbox_code.level, LEVEL_2);
	assert_string_equal(factor_totp.amr, "otp");
	assert_string_equal(factor_sandbox_code.amr, "otp");
	assert_null(factor_find(&factor_table, "pigeon"));
	assert_null(factor_find(&factor_table, NULL));
	assert_true(factor_find(&factor_table, "sandbox_code")->sandbox_only);
	assert_false(factor_find(&factor_table, "totp")->sandbox_only);
}

/* DESIGN.md, Levels; SP 800-63B-4 s3.1.3.1: mail is no second device. */
static void what_is_sent_earns_its_level(void **state)
{
	(void)state;
	assert_int_equal(factor_sms.level, LEVEL_2);
	assert_int_equal(factor_email.level, LEVEL_1);
	assert_int_equal(factor_sms_and_email.level, LEVEL_1);
	assert_string_equal(factor_sms.amr, "sms");
	assert_string_equal(factor_email.amr, "otp");
	assert_string_equal(factor_sms_and_email.amr, "otp");
	assert_int_equal(factor_sms.channels, FACTOR_SMS);
	assert_int_equal(factor_email.channels, FACTOR_EMAIL);
	assert_int_equal(factor_sms_and_email.channels, FACTOR_SMS | FACTOR_EMAIL);
	assert_int_equal(factor_totp.channels, 0);
	assert_ptr_equal(factor_of_member(&factor_table, "sms_number"), &factor_sms);
	assert_ptr_equal(factor_of_member(&factor_table, "code_email"), &factor_email);
	assert_ptr_equal(factor_of_member(&factor_table, "sms_and_email"), &factor_sms_and_email);
}

/* RFC 8176 s2 */
static void password_and_a_code_are_pwd_otp_mfa(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	const struct str_list amr = factor_amr(arena, factor_find(&factor_table, "totp"));
	assert_string_equal(str_join(arena, &amr, " "), "pwd otp mfa");
	arena_free(arena);
}

static struct factor_decision judged(const char *name, const struct factor_facts *facts)
{
	struct factor_decision decision;
	assert_ok(factor_find(&factor_table, name)->judge(facts, &decision));
	return decision;
}

static void totp_says_good_wrong_or_replayed(void **state)
{
	(void)state;
	struct factor_facts facts = {.code = "050471",
		.secret = {(const uint8_t *)"12345678901234567890", 20},
		.now_s = 1111111111};
	struct factor_decision decision = judged("totp", &facts);
	assert_true(decision.good);
	assert_null(decision.reason);
	assert_int_equal(decision.step, 37037037);
	facts.counter = decision.step;
	decision = judged("totp", &facts);
	assert_false(decision.good);
	assert_string_equal(decision.reason, "replayed");
	facts.code = "000000";
	decision = judged("totp", &facts);
	assert_false(decision.good);
	assert_string_equal(decision.reason, "wrong_code");
}

/* After a restore the step that is under way may have been used. */
static void totp_takes_no_step_that_began_before_a_restore(void **state)
{
	(void)state;
	struct factor_facts facts = {.code = "050471",
		.secret = {(const uint8_t *)"12345678901234567890", 20},
		.now_s = 1111111111};
	facts.steps_from_s = INT64_C(37037037) * 30;
	assert_true(judged("totp", &facts).good);
	facts.steps_from_s++;
	assert_false(judged("totp", &facts).good);
	assert_string_equal(judged("totp", &facts).reason, "replayed");
	facts.steps_from_s = 1;
	facts.counter = 37037037;
	assert_false(judged("totp", &facts).good);
}

static void a_sandbox_code_is_good_only_if_its_hash_is_the_stored_one(void **state)
{
	(void)state;
	uint8_t stored[SHA256_LEN] = {1, 2, 3}, typed[SHA256_LEN] = {1, 2, 3};
	struct factor_facts facts = {
		.code_hash = {typed, sizeof(typed)}, .secret = {stored, sizeof(stored)}};
	assert_true(judged("sandbox_code", &facts).good);
	typed[SHA256_LEN - 1] ^= 1;
	assert_false(judged("sandbox_code", &facts).good);
	assert_string_equal(judged("sandbox_code", &facts).reason, "wrong_code");
	typed[SHA256_LEN - 1] ^= 1;
	facts.secret.len = SHA256_LEN - 1;
	assert_false(judged("sandbox_code", &facts).good);
	facts.secret = (struct bytes){NULL, 0};
	assert_false(judged("sandbox_code", &facts).good);
}

static void levels_have_their_names(void **state)
{
	(void)state;
	assert_null(level_acr(LEVEL_NONE));
	assert_string_equal(level_acr(LEVEL_1), "urn:pratu:loa:1");
	assert_string_equal(level_acr(LEVEL_2), "urn:pratu:loa:2");
	assert_string_equal(level_acr(LEVEL_3), "urn:pratu:loa:3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_found_by_its_name),
		cmocka_unit_test(what_is_sent_earns_its_level),
		cmocka_unit_test(password_and_a_code_are_pwd_otp_mfa),
		cmocka_unit_test(totp_says_good_wrong_or_replayed),
		cmocka_unit_test(totp_takes_no_step_that_began_before_a_restore),
		cmocka_unit_test(a_sandbox_code_is_good_only_if_its_hash_is_the_stored_one),
		cmocka_unit_test(levels_have_their_names),
	};
	return cmocka_run_group_tests_name("otp/factor", tests, NULL, NULL);
}
