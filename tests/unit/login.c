/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/vault_help.h"
#include "idp/vault/login.h"

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

/* An alias of 64 characters, each written with marks that composing takes away, is judged whole. */
static void a_long_alias_is_judged_whole(void **state)
{
	(void)state;
	static const char unit[] =
		"\xe1\xb9\x9b\xcc\x84"; /* r with dot below, and macron: 5 bytes */
	char text[64 * 5 + 1] = "", cut[64 * 5 + 1];
	for (int i = 0; i < 64; i++)
		strcat(text, unit);
	assert_int_equal(login_read(arena, secrets, text).kind, TYPED_ALIAS);
	strcpy(cut, text);
	cut[63 * 5] = '\0';
	assert_int_equal(login_read(arena, secrets, cut).kind, TYPED_ALIAS);
	assert_memory_not_equal(login_read(arena, secrets, text).blind_index,
		login_read(arena, secrets, cut).blind_index, SHA256_LEN);
}

/* One for unknown devices and one for each other, of each name, whether or not it is anybody's. */
static void a_names_buckets_are_its_own(void **state)
{
	(void)state;
	static const uint8_t first[SHA256_LEN] = {1}, second[SHA256_LEN] = {2};
	const struct bytes devices[] = {{NULL, 0}, {first, SHA256_LEN}, {second, SHA256_LEN}};
	static const char *const names[] = {"somchai", "1101700230708", "nobody at all"};
	uint8_t buckets[9][SHA256_LEN];
	for (size_t i = 0; i < 9; i++) {
		const struct login login = login_read(arena, secrets, names[i / 3]);
		login_bucket(arena, secrets, &login, devices[i % 3], buckets[i]);
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(buckets[i], buckets[j], SHA256_LEN);
	}
	uint8_t again[SHA256_LEN];
	const struct login spelled = login_read(arena, secrets, " SOMchai ");
	login_bucket(arena, secrets, &spelled, devices[2], again);
	assert_memory_equal(again, buckets[2], SHA256_LEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_is_one_name),
		cmocka_unit_test(names_differ_by_kind_text_and_key),
		cmocka_unit_test(a_name_that_is_too_long_is_nobodys),
		cmocka_unit_test(a_long_alias_is_judged_whole),
		cmocka_unit_test(a_names_buckets_are_its_own),
	};
	return cmocka_run_group_tests_name("vault/login", tests, open_all, close_all);
}
