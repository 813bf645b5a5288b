/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/vault_help.h"
#include "idp/vault/factor_secret.h"
#include "otp/factor_judge.h"
#include "otp/throttle.h"
#include "tests/unit/factor_third.h"

#define NOW_S 1111111111
#define TOTP_NOW "050471" /* RFC 6238 appendix B, the last six digits */
#define OWNER "01234567-89ab-4def-8123-456789abcdef"
#define FORGOTTEN_MS (INT64_C(4) * 3600 * 1000) /* longer than any delay */

static struct arena *arena;
static struct secrets *secrets;
static uint8_t next;
static struct rng rng;
static struct factor_bound bound[3]; /* totp, sandbox_code, third */

static struct seal seal_of(void)
{
	return (struct seal){arena, secrets, &rng};
}

/* Bind all three as `pratu apply` would, and open them for a code as a sign-in would. */
static struct factor_judgement judge_all(const char *code, const char *kind)
{
	static const char *const values[] = {
		"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "123456", "Monday"};
	const struct seal seal = seal_of();
	struct factor_judgement judged;
	for (size_t i = 0; i < 3; i++) {
		const struct factor_owner owner = {third_table.rows[i], OWNER};
		struct bytes value = {NULL, 0}, stored = {NULL, 0};
		assert_true(owner.factor->read(arena, values[i], &value));
		assert_ok(factor_secret_put(&seal, owner, value, &stored));
		assert_true(factor_secret_same(&seal, owner, value, stored));
		bound[i].factor = owner.factor;
		bound[i].facts.code = code;
		bound[i].facts.now_s = NOW_S;
		assert_ok(factor_secret_facts(&seal, owner, stored, &bound[i].facts));
	}
	const struct factor_try in = {bound, 3, kind, true};
	assert_ok(factor_judge(arena, &in, &judged));
	return judged;
}

static const char *joined(const struct str_list *list)
{
	return str_join(arena, list, " ");
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	secrets = help_secrets(1);
	rng = help_rng(&next);
	memset(bound, 0, sizeof bound);
	for (size_t i = 0; i < 3; i++)
		bound[i].since_ms = FORGOTTEN_MS;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	secrets_free(secrets);
	arena_free(arena);
	return 0;
}

static void a_third_factor_is_one_file_and_one_row(void **state)
{
	(void)state;
	const struct factor_judgement judged = judge_all("Monday", NULL);
	assert_int_equal(judged.verdict, FACTOR_RIGHT);
	assert_ptr_equal(judged.right->factor, &factor_third);
	assert_string_equal(level_acr(judged.right->factor->level), "urn:pratu:loa:1");
	assert_ptr_equal(factor_find(&third_table, "third"), &factor_third);
	assert_ptr_equal(factor_of_member(&third_table, "third_word"), &factor_third);
}

static void each_code_fits_its_own_factor(void **state)
{
	(void)state;
	struct factor_judgement judged = judge_all(TOTP_NOW, NULL);
	assert_int_equal(judged.verdict, FACTOR_RIGHT);
	assert_ptr_equal(judged.right->factor, &factor_totp);
	assert_int_equal(judged.step, NOW_S / 30);
	judged = judge_all("123456", NULL);
	assert_ptr_equal(judged.right->factor, &factor_sandbox_code);
	assert_int_equal(judged.step, 0);
	judged = judge_all("123456", "totp");
	assert_int_equal(judged.verdict, FACTOR_WRONG);
}

static void a_wrong_code_counts_in_each_factor_it_could_be_for(void **state)
{
	(void)state;
	struct factor_judgement judged = judge_all("000000", NULL);
	assert_int_equal(judged.verdict, FACTOR_WRONG);
	assert_string_equal(judged.reason, "wrong_code");
	assert_string_equal(joined(&judged.tried), "totp sandbox_code third");
	assert_int_equal(judged.blocked.n, 0);
	judged = judge_all("000000", "totp");
	assert_string_equal(joined(&judged.tried), "totp");
}

static void a_right_code_earns_back_what_is_no_stronger(void **state)
{
	(void)state;
	struct factor_judgement judged = judge_all(TOTP_NOW, NULL);
	assert_string_equal(joined(&judged.earned), "totp sandbox_code third");
	judged = judge_all("Monday", NULL);
	assert_string_equal(joined(&judged.earned), "third");
	judged = judge_all(TOTP_NOW, "totp");
	assert_string_equal(joined(&judged.earned), "totp");
}

static void while_a_delay_runs_no_code_is_looked_at(void **state)
{
	(void)state;
	bound[0].failures = 3;
	bound[0].since_ms = 0;
	assert_int_equal(judge_all(TOTP_NOW, "totp").verdict, FACTOR_RIGHT);
	bound[0].failures = 6; /* 4 s */
	bound[0].since_ms = 2500;
	struct factor_judgement judged = judge_all(TOTP_NOW, "totp");
	assert_int_equal(judged.verdict, FACTOR_WAIT);
	assert_int_equal(judged.wait_s, 2);
	assert_int_equal(judged.tried.n, 0);
	bound[0].since_ms = 4000;
	assert_int_equal(judge_all(TOTP_NOW, "totp").verdict, FACTOR_RIGHT);
	/* Another factor still works meanwhile; the one that waits is not looked at. */
	bound[0].since_ms = 0;
	judged = judge_all(TOTP_NOW, NULL);
	assert_int_equal(judged.verdict, FACTOR_WRONG);
	assert_string_equal(joined(&judged.tried), "sandbox_code third");
	assert_int_equal(judge_all("123456", NULL).verdict, FACTOR_RIGHT);
}

static void the_shortest_wait_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		bound[i].failures = 10;
		bound[i].since_ms = (int64_t)i * 10000;
	}
	assert_int_equal(judge_all("000000", NULL).wait_s, 64 - 20);
}

static void the_fiftieth_wrong_code_blocks_and_other_factors_still_work(void **state)
{
	(void)state;
	bound[0].total = THROTTLE_FACTOR_FAILURES_MAX - 2;
	assert_int_equal(judge_all("000000", "totp").blocked.n, 0);
	bound[0].total = THROTTLE_FACTOR_FAILURES_MAX - 1;
	struct factor_judgement judged = judge_all("000000", NULL);
	assert_string_equal(joined(&judged.blocked), "totp");
	assert_int_equal(judge_all(TOTP_NOW, "totp").verdict, FACTOR_RIGHT);
	bound[0].blocked = true;
	judged = judge_all(TOTP_NOW, "totp");
	assert_int_equal(judged.verdict, FACTOR_BLOCKED);
	assert_string_equal(judged.reason, "blocked");
	assert_int_equal(judge_all(TOTP_NOW, NULL).verdict, FACTOR_WRONG);
	assert_int_equal(judge_all("123456", NULL).verdict, FACTOR_RIGHT);
}

static void without_a_factor_that_counts_there_is_none(void **state)
{
	(void)state;
	struct factor_judgement judged = judge_all("123456", "sms");
	assert_int_equal(judged.verdict, FACTOR_NONE);
	assert_string_equal(judged.reason, "no_factor");
	/* A sandbox code elsewhere than in the sandbox. */
	const struct factor_try in = {&bound[1], 1, NULL, false};
	assert_ok(factor_judge(arena, &in, &judged));
	assert_int_equal(judged.verdict, FACTOR_NONE);
}

static void a_replay_is_named_whatever_else_was_wrong(void **state)
{
	(void)state;
	bound[0].facts.counter = NOW_S / 30;
	struct factor_judgement judged = judge_all(TOTP_NOW, NULL);
	assert_int_equal(judged.verdict, FACTOR_WRONG);
	assert_string_equal(judged.reason, "replayed");
	assert_string_equal(joined(&judged.tried), "totp sandbox_code third");
}

/* A stored secret moved to another citizen or another kind is worth nothing. */
static void a_secret_is_its_owners_and_its_kinds(void **state)
{
	(void)state;
	const struct seal seal = seal_of();
	const struct bytes word = {(const uint8_t *)"Monday", 6};
	const struct factor_owner owner = {&factor_third, OWNER}, other = {&factor_third, "malee"},
				  kind = {&factor_sandbox_code, OWNER},
				  sealed = {&factor_totp, OWNER},
				  sealed_other = {&factor_totp, "malee"};
	struct bytes stored = {NULL, 0};
	assert_ok(factor_secret_put(&seal, owner, word, &stored));
	assert_true(factor_secret_same(&seal, owner, word, stored));
	assert_false(factor_secret_same(&seal, other, word, stored));
	assert_false(factor_secret_same(&seal, kind, word, stored));
	assert_ok(factor_secret_put(&seal, sealed, word, &stored));
	assert_true(factor_secret_same(&seal, sealed, word, stored));
	assert_false(factor_secret_same(&seal, sealed_other, word, stored));
	struct factor_facts facts = {.code = "x"};
	assert_err(factor_secret_facts(&seal, sealed_other, stored, &facts), ERR_CRYPTO);
}

/* A factor whose code is sent, beside TOTP: sent_hash is that of the code "123456". */
static struct factor_judgement judge_sent(const char *code, const char *kind, bool live)
{
	static const uint8_t sent[SHA256_LEN] = {7}, other[SHA256_LEN] = {8};
	struct factor_bound both[2] = {
		{.factor = &factor_sms, .since_ms = FORGOTTEN_MS},
		{.factor = &factor_totp, .since_ms = FORGOTTEN_MS},
	};
	both[0].failures = bound[0].failures;
	both[0].since_ms = bound[0].since_ms;
	both[0].blocked = bound[0].blocked;
	both[0].facts.code_hash =
		(struct bytes){strcmp(code, "123456") == 0 ? sent : other, SHA256_LEN};
	both[0].facts.sent_hash = (struct bytes){live ? sent : NULL, live ? SHA256_LEN : 0};
	both[1].facts = (struct factor_facts){.code = code,
		.secret = {(const uint8_t *)"12345678901234567890", 20},
		.now_s = NOW_S};
	const struct factor_try in = {both, 2, kind, false};
	struct factor_judgement judged;
	assert_ok(factor_judge(arena, &in, &judged));
	if (judged.right)
		assert_string_equal(judged.right->factor->kind, kind ? kind : "totp");
	judged.right = NULL;
	return judged;
}

static void a_code_that_was_sent_counts_for_its_kind_alone(void **state)
{
	(void)state;
	struct factor_judgement judged = judge_sent("123456", "sms", true);
	assert_int_equal(judged.verdict, FACTOR_RIGHT);
	assert_string_equal(joined(&judged.earned), "sms");
	judged = judge_sent("123456", NULL, true);
	assert_int_equal(judged.verdict, FACTOR_WRONG);
	assert_string_equal(joined(&judged.tried), "totp");
	assert_int_equal(judge_sent(TOTP_NOW, NULL, true).verdict, FACTOR_RIGHT);
	judged = judge_sent("654321", "sms", true);
	assert_int_equal(judged.verdict, FACTOR_WRONG);
	assert_string_equal(judged.reason, "wrong_code");
	assert_string_equal(joined(&judged.tried), "sms");
}

static void without_a_live_code_nothing_is_tried(void **state)
{
	(void)state;
	struct factor_judgement judged = judge_sent("123456", "sms", false);
	assert_int_equal(judged.verdict, FACTOR_LATE);
	assert_string_equal(judged.reason, "no_code");
	assert_int_equal(judged.tried.n, 0);
	/* Delay and block are told first. */
	bound[0].failures = 6;
	bound[0].since_ms = 0;
	assert_int_equal(judge_sent("123456", "sms", false).verdict, FACTOR_WAIT);
	assert_int_equal(judge_sent("123456", "sms", true).verdict, FACTOR_WAIT);
	bound[0].blocked = true;
	assert_int_equal(judge_sent("123456", "sms", false).verdict, FACTOR_BLOCKED);
	assert_int_equal(judge_sent("123456", "sms", true).verdict, FACTOR_BLOCKED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_third_factor_is_one_file_and_one_row, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_code_fits_its_own_factor, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_wrong_code_counts_in_each_factor_it_could_be_for, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_right_code_earns_back_what_is_no_stronger, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			while_a_delay_runs_no_code_is_looked_at, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_shortest_wait_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_fiftieth_wrong_code_blocks_and_other_factors_still_work, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			without_a_factor_that_counts_there_is_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_replay_is_named_whatever_else_was_wrong, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_code_that_was_sent_counts_for_its_kind_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			without_a_live_code_nothing_is_tried, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_secret_is_its_owners_and_its_kinds, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("otp/factor_judge", tests, NULL, NULL);
}
