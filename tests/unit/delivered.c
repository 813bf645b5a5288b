/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "otp/delivered.h"
#include <string.h>

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* What a kind stores of a value; NULL: refused. */
static const char *stored(const char *kind, const char *value)
{
	struct bytes out = {NULL, 0};
	if (!factor_find(&factor_table, kind)->read(arena, value, &out))
		return NULL;
	return arena_strndup(arena, (const char *)out.data, out.len);
}

static struct delivered_target target_of(const char *text)
{
	return delivered_target(arena, (struct bytes){(const uint8_t *)text, strlen(text)});
}

static void each_kind_reads_its_own(void **state)
{
	(void)state;
	assert_string_equal(stored("sms", "081 234 5678"), "+66812345678");
	assert_null(stored("sms", "a@b.example"));
	assert_string_equal(stored("email", "a@B.example"), "a@b.example");
	assert_null(stored("email", "0812345678"));
	assert_string_equal(
		stored("sms_and_email", "081 234 5678 a@b.example"), "+66812345678 a@b.example");
	assert_null(stored("sms_and_email", "0812345678"));
	assert_null(stored("sms_and_email", "a@b.example"));
	assert_null(stored("sms_and_email", "a@b.example 0812345678"));
	assert_null(stored("sms_and_email", " a@b.example"));
	char longer[600];
	memset(longer, ' ', sizeof longer);
	strcpy(longer + sizeof longer - 12, "a@b.example");
	assert_null(stored("email", longer));
}

static void a_target_is_what_was_stored(void **state)
{
	(void)state;
	struct delivered_target target = target_of("+66812345678");
	assert_string_equal(target.number, "+66812345678");
	assert_null(target.mailbox);
	target = target_of("a@b.example");
	assert_null(target.number);
	assert_string_equal(target.mailbox, "a@b.example");
	target = target_of("+66812345678 a@b.example");
	assert_string_equal(target.number, "+66812345678");
	assert_string_equal(target.mailbox, "a@b.example");
}

static const char *hint(const char *text)
{
	const struct delivered_target target = target_of(text);
	return delivered_hint(arena, &target);
}

static void a_hint_shows_little(void **state)
{
	(void)state;
	assert_string_equal(hint("+66812345678"), "•••• 5678");
	assert_string_equal(hint("somchai@mail.example"), "s•••@m•••.example");
	assert_string_equal(hint("s@m.co.th"), "•••@m•••.th");
	assert_string_equal(hint("x@y.example"), "•••@•••.example");
	assert_string_equal(hint("+66812345678 a.b@mail.example"), "•••• 5678, a•••@m•••.example");
}

static void a_code_is_the_one_that_was_sent(void **state)
{
	(void)state;
	uint8_t sent[SHA256_LEN] = {1, 2}, typed[SHA256_LEN] = {1, 2};
	struct factor_facts facts = {
		.sent_hash = {sent, sizeof sent}, .code_hash = {typed, sizeof typed}};
	struct factor_decision decision;
	assert_ok(delivered_judge(&facts, &decision));
	assert_true(decision.good);
	assert_null(decision.reason);
	typed[SHA256_LEN - 1] ^= 1;
	assert_ok(delivered_judge(&facts, &decision));
	assert_false(decision.good);
	assert_string_equal(decision.reason, "wrong_code");
	typed[SHA256_LEN - 1] ^= 1;
	facts.sent_hash = (struct bytes){NULL, 0};
	assert_ok(delivered_judge(&facts, &decision));
	assert_false(decision.good);
	facts.code_hash = facts.sent_hash;
	assert_ok(delivered_judge(&facts, &decision));
	assert_false(decision.good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_kind_reads_its_own, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_target_is_what_was_stored, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_hint_shows_little, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_code_is_the_one_that_was_sent, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("otp/delivered", tests, NULL, NULL);
}
