/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "otp/strength.h"

static const char *known[] = {
	"สมชาย ใจดี", "somchai.jaidee@example.go.th", "1101700203451", "+66 81 234 5678"};
static const struct str_list citizen = {known, COUNT(known)};
static const struct str_list nobody = {NULL, 0};

static bool enough(const char *password, const struct str_list *words)
{
	struct arena *arena = arena_new();
	const bool good = strength_enough(arena, password, words);
	arena_free(arena);
	return good;
}

static double bits(const char *password)
{
	struct arena *arena = arena_new();
	const double found = strength_bits(arena, password, &nobody);
	arena_free(arena);
	return found;
}

static void what_is_guessed_first_is_not_enough(void **state)
{
	(void)state;
	static const char *const rows[] = {"password1234", "P@ssw0rd1234!", "12345678",
		"qwertyuiop", "1q2w3e4r5t", "iloveyou123", "Summer2024!", "Admin@123", "19850412",
		"12/04/1985", "0812345678", "aaaaaaaaaaaaaaaaaaaaaaaa",
		"abababababababababababababab", "bangkok2026", "Thailand2569", "sawasdee99",
		"pratu-2026", "", "รหัสผ่าน", "รหัสผ่าน1234", "สวัสดีครับ2569", "ประเทศไทย",
		"กกกกกกกกกกกกกกก", "ฟหกดฟหกด"};
	for (size_t i = 0; i < COUNT(rows); i++)
		if (enough(rows[i], &nobody))
			fail_msg("\"%s\" passes with %.1f bits", rows[i], bits(rows[i]));
}

static void unrelated_words_or_enough_characters_are_enough(void **state)
{
	(void)state;
	static const char *const rows[] = {"correct horse battery", "river-market-lantern-41",
		"mango-sticky-rice-temple", "tX9#vq2Lw8", "7f3a9c1e5b2d", "ช้างเดินข้ามสะพานไม้ไผ่",
		"ฝนตกหลังบ้านยายเมื่อวาน"};
	for (size_t i = 0; i < COUNT(rows); i++)
		if (!enough(rows[i], &nobody))
			fail_msg("\"%s\" fails with %.1f bits", rows[i], bits(rows[i]));
}

static void what_is_known_of_the_citizen_is_tried_first(void **state)
{
	(void)state;
	static const char *const rows[] = {"1101700203451", "somchai.jaidee@example.go.th",
		"Jaidee-Example", "jaidee2569", "สมชายใจดี", "สมชาย ใจดี 99", "812345678"};
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_false(enough(rows[i], &citizen));
	/* It is what is known of this citizen that decides. */
	assert_true(enough("somchai.jaidee@example.go.th", &nobody));
	assert_true(enough("correct horse battery", &citizen));
}

static void a_thai_letter_counts_once(void **state)
{
	(void)state;
	assert_true(bits("ฏฐฑฒ") < 40);
	assert_true(bits("ฏฐฑฒ") > bits("ฏฐ"));
}

static void only_the_first_characters_are_judged_and_it_ends_soon(void **state)
{
	(void)state;
	char text[1025];
	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	const double all = bits(text);
	text[72] = '\0';
	assert_true(all == bits(text));
	assert_true(bits("\xff\xfe password") == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_guessed_first_is_not_enough),
		cmocka_unit_test(unrelated_words_or_enough_characters_are_enough),
		cmocka_unit_test(what_is_known_of_the_citizen_is_tried_first),
		cmocka_unit_test(a_thai_letter_counts_once),
		cmocka_unit_test(only_the_first_characters_are_judged_and_it_ends_soon),
	};
	return cmocka_run_group_tests_name("otp/strength", tests, NULL, NULL);
}
