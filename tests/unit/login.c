/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/vault_help.h"
#include "idp/vault/login.h"
#include "idp/vault/sandbox_code.h"
#include <stdio.h>

static struct arena *arena;
static struct secrets *secrets;

static int open_all(void **state)
{
	(void)state;
	arena = arena_new();
	secrets = help_secrets(1);
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	secrets_free(secrets);
	arena_free(arena);
	return 0;
}

static void every_spelling_is_one_name(void **state)
{
	(void)state;
	static const char *const same[][2] = {
		{"1101700230708", "๑-1017-00230-70-๘"},
		{"1101700230709", "1 1017 00230 70 9"}, /* one that is nobody's */
		{"somchai", " SomChai "},
	};
	for (size_t i = 0; i < COUNT(same); i++) {
		const struct login a = login_read(arena, secrets, same[i][0]);
		const struct login b = login_read(arena, secrets, same[i][1]);
		assert_memory_equal(a.blind_index, b.blind_index, SHA256_LEN);
		assert_memory_equal(a.slot, b.slot, SHA256_LEN);
		assert_string_equal(a.typo, b.typo);
	}
}

static void names_differ_by_kind_text_and_key(void **state)
{
	(void)state;
	uint8_t alias[SHA256_LEN], national_id[SHA256_LEN], bad[SHA256_LEN];
	login_index(arena, secrets, (struct typed_login){TYPED_ALIAS, "x"}, alias);
	login_index(arena, secrets, (struct typed_login){TYPED_NATIONAL_ID, "x"}, national_id);
	login_index(arena, secrets, (struct typed_login){TYPED_BAD_ALIAS, "x"}, bad);
	assert_memory_not_equal(alias, national_id, SHA256_LEN);
	assert_memory_not_equal(alias, bad, SHA256_LEN);
	struct secrets *other = help_secrets(2);
	const struct login ours = login_read(arena, secrets, "somchai");
	const struct login theirs = login_read(arena, other, "somchai");
	assert_memory_not_equal(ours.blind_index, theirs.blind_index, SHA256_LEN);
	assert_string_not_equal(ours.typo, theirs.typo);
	assert_memory_not_equal(
		ours.blind_index, login_read(arena, secrets, "somchaj").blind_index, SHA256_LEN);
	secrets_free(other);
}

static void a_name_that_is_too_long_is_nobodys(void **state)
{
	(void)state;
	char *text = arena_alloc(arena, 200001);
	memset(text, '1', LOGIN_MAX + 1);
	assert_int_equal(login_read(arena, secrets, text).kind, TYPED_BAD_ALIAS);
	memset(text, 'a', 200000);
	assert_int_equal(login_read(arena, secrets, text).kind, TYPED_BAD_ALIAS);
}

/* Strangers' names share a bounded number of buckets: with 20000 names of 2^20 slots, hardly any
 * two meet, and some do. */
static void nobodys_buckets_are_bounded(void **state)
{
	(void)state;
	enum { NAMES = 20000, SLOTS = 1 << 20 };
	static uint8_t(*seen)[SHA256_LEN];
	seen = calloc(NAMES, sizeof(*seen));
	assert_non_null(seen);
	size_t met = 0;
	for (size_t i = 0; i < NAMES; i++) {
		char name[32];
		(void)snprintf(name, sizeof(name), "nobody%zu", i);
		struct arena *own = arena_new();
		const struct login login = login_read(own, secrets, name);
		size_t at = ((size_t)login.slot[0] << 8 | login.slot[1]) % NAMES;
		static const uint8_t none[SHA256_LEN] = {0};
		while (memcmp(seen[at], none, SHA256_LEN) != 0 &&
			memcmp(seen[at], login.slot, SHA256_LEN) != 0)
			at = (at + 1) % NAMES;
		met += memcmp(seen[at], login.slot, SHA256_LEN) == 0;
		memcpy(seen[at], login.slot, SHA256_LEN);
		arena_free(own);
	}
	free(seen);
	/* Expected: NAMES^2 / 2 / SLOTS = 190, give or take 5 deviations of 14. */
	assert_in_range(met, 120, 260);
}

static void a_citizens_buckets_are_one_for_each_known_device(void **state)
{
	(void)state;
	static const uint8_t first[SHA256_LEN] = {1}, second[SHA256_LEN] = {2};
	const struct bytes devices[] = {{NULL, 0}, {first, SHA256_LEN}, {second, SHA256_LEN}};
	static const char *const citizens[] = {"somchai", "malee"};
	uint8_t buckets[6][SHA256_LEN];
	for (size_t i = 0; i < 6; i++) {
		login_bucket(arena, secrets, citizens[i / 3], devices[i % 3], buckets[i]);
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(buckets[i], buckets[j], SHA256_LEN);
	}
	uint8_t again[SHA256_LEN];
	login_bucket(arena, secrets, "malee", devices[2], again);
	assert_memory_equal(again, buckets[5], SHA256_LEN);
}

static void sandbox_codes_are_hashed_for_their_owner(void **state)
{
	(void)state;
	uint8_t a[SHA256_LEN], b[SHA256_LEN];
	sandbox_code_hash(arena, secrets, "somchai", "123456", a);
	sandbox_code_hash(arena, secrets, "malee", "123456", b);
	assert_memory_not_equal(a, b, SHA256_LEN);
	sandbox_code_hash(arena, secrets, "somchai", "123457", b);
	assert_memory_not_equal(a, b, SHA256_LEN);
	sandbox_code_hash(arena, secrets, "somchai", "123456", b);
	assert_memory_equal(a, b, SHA256_LEN);
	assert_true(sandbox_code_valid("1234"));
	assert_true(sandbox_code_valid("0123456789abcdEF"));
	assert_false(sandbox_code_valid("123"));
	assert_false(sandbox_code_valid("0123456789abcdef0"));
	assert_false(sandbox_code_valid("12 456"));
	assert_false(sandbox_code_valid("๑๒๓๔"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_is_one_name),
		cmocka_unit_test(names_differ_by_kind_text_and_key),
		cmocka_unit_test(a_name_that_is_too_long_is_nobodys),
		cmocka_unit_test(nobodys_buckets_are_bounded),
		cmocka_unit_test(a_citizens_buckets_are_one_for_each_known_device),
		cmocka_unit_test(sandbox_codes_are_hashed_for_their_owner),
	};
	return cmocka_run_group_tests_name("vault/login", tests, open_all, close_all);
}
