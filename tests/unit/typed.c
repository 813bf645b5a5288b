/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/enc.h"
#include "otp/nfc.h"
#include "otp/typed.h"
#include <stdio.h>

/* Twelve digits with their check digit, by the definition: 11 - (sum mod 11), of which the last
 * digit counts. */
static void with_check_digit(const char *twelve, char out[static 14])
{
	static const int weights[] = {13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2};
	int sum = 0;
	for (size_t i = 0; i < COUNT(weights); i++)
		sum += weights[i] * (twelve[i] - '0');
	(void)snprintf(out, 14, "%s%d", twelve, (11 - sum % 11) % 10);
}

static void exactly_one_last_digit_is_the_check_digit(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 2000; n++) {
		char twelve[16], id[14];
		(void)snprintf(
			twelve, sizeof(twelve), "%u%011u", 1 + n % 8, n * 48611u % 99999989u);
		with_check_digit(twelve, id);
		int valid = 0;
		assert_true(typed_national_id_valid(id));
		for (char last = '0'; last <= '9'; last++) {
			id[12] = last;
			valid += typed_national_id_valid(id);
		}
		assert_int_equal(valid, 1);
	}
}

static void first_digit_length_and_digits_are_checked(void **state)
{
	(void)state;
	char id[14];
	for (char first = '0'; first <= '9'; first++) {
		char twelve[] = "?10180000000";
		twelve[0] = first;
		with_check_digit(twelve, id);
		assert_int_equal(typed_national_id_valid(id), first >= '1' && first <= '8');
	}
	assert_false(typed_national_id_valid(""));
	assert_false(typed_national_id_valid("110180000000"));
	assert_false(typed_national_id_valid("11018000000000"));
	assert_false(typed_national_id_valid("1101800000:00"));
}

static void reads(const char *text, enum typed_kind kind, const char *normal)
{
	struct arena *arena = arena_new();
	const struct typed_login login = typed_login(arena, text);
	assert_int_equal(login.kind, kind);
	if (normal != NULL)
		assert_string_equal(login.text, normal);
	arena_free(arena);
}

static void a_national_id_is_read_in_every_spelling(void **state)
{
	(void)state;
	reads("1101700230708", TYPED_NATIONAL_ID, "1101700230708");
	reads("1-1017-00230-70-8", TYPED_NATIONAL_ID, "1101700230708");
	reads(" 1 1017 00230 70 8 ", TYPED_NATIONAL_ID, "1101700230708");
	reads("๑๑๐๑๗๐๐๒๓๐๗๐๘", TYPED_NATIONAL_ID, "1101700230708");
	reads("๑-1017–00230‑70−๘", TYPED_NATIONAL_ID, "1101700230708");
	reads("1\u00a01017\u00a000230\u00a070\u00a08", TYPED_NATIONAL_ID, "1101700230708");
	reads("１１０１７００２３０７０８", TYPED_NATIONAL_ID, "1101700230708");
	reads("\ufeff1101\u200b700\u2060230\u00ad708\u200e\n", TYPED_NATIONAL_ID, "1101700230708");
	reads("1\u30001017\u202f00230\u200970\uff0d8", TYPED_NATIONAL_ID, "1101700230708");
	reads("1101700230709", TYPED_BAD_NATIONAL_ID, "1101700230709");
	reads("1-1017-00230-70-9", TYPED_BAD_NATIONAL_ID, "1101700230709");
	reads("0101700230708", TYPED_BAD_NATIONAL_ID, NULL);
}

static void an_alias_is_trimmed_composed_and_lowered(void **state)
{
	(void)state;
	reads("somchai", TYPED_ALIAS, "somchai");
	reads(" \tSomChai\r\n", TYPED_ALIAS, "somchai");
	reads("\u00a0\u3000somchai\u2003\u200b", TYPED_ALIAS, "somchai");
	reads("som\u200bchai\ufeff", TYPED_ALIAS, "somchai");
	reads("som-chai", TYPED_ALIAS, "som-chai");
	reads("Malee@Example.COM", TYPED_ALIAS, "malee@example.com");
	reads("Cafe\u0301", TYPED_ALIAS, "caf\u00e9");
	reads("CAF\u00c9", TYPED_ALIAS, "caf\u00e9");
	reads("สมชาย๑", TYPED_ALIAS, "สมชาย๑");
	reads("0812345678", TYPED_ALIAS, "0812345678");
}

static void an_alias_has_3_to_64_visible_characters(void **state)
{
	(void)state;
	char text[4 * 66] = "";
	reads("", TYPED_BAD_ALIAS, "");
	reads("ab", TYPED_BAD_ALIAS, "ab");
	reads("abc", TYPED_ALIAS, "abc");
	for (int i = 0; i < 64; i++)
		strcat(text, "ก");
	reads(text, TYPED_ALIAS, text);
	strcat(text, "ก");
	reads(text, TYPED_BAD_ALIAS, text);
	reads("two words", TYPED_BAD_ALIAS, NULL);
	reads("bell\abell", TYPED_BAD_ALIAS, NULL);
	reads("\u200b\u200b\u200b", TYPED_BAD_ALIAS, "");
	reads("line\u2028line", TYPED_BAD_ALIAS, NULL);
	reads("\xff\xfe\xfd", TYPED_BAD_ALIAS, NULL);
	reads("abc\xe0\xb8", TYPED_BAD_ALIAS, NULL);
}

static void kinds_have_the_names_that_the_database_has(void **state)
{
	(void)state;
	assert_string_equal(typed_kind_name(TYPED_NATIONAL_ID), "national_id");
	assert_string_equal(typed_kind_name(TYPED_ALIAS), "alias");
	assert_null(typed_kind_name(TYPED_BAD_NATIONAL_ID));
	assert_null(typed_kind_name(TYPED_BAD_ALIAS));
}

static void a_code_loses_gaps_and_foreign_digits_only(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	assert_string_equal(typed_code(arena, "123 456"), "123456");
	assert_string_equal(typed_code(arena, "๑๒๓-๔๕๖"), "123456");
	assert_string_equal(typed_code(arena, "12a456"), "12a456");
	assert_string_equal(typed_code(arena, "１２３　４５６"), "123456");
	assert_string_equal(typed_code(arena, "\u200b123\u200d\u2060456\ufeff\r\n"), "123456");
	assert_string_equal(typed_code(arena, "1\ufe0f2\ufe0f3"), "123");
	assert_string_equal(typed_code(arena, "123\u2014456\u2212"), "123456");
	assert_string_equal(typed_code(arena, "\u0661\u0662"), "\u0661\u0662"); /* Arabic: stays */
	assert_string_equal(typed_code(arena, ""), "");
	assert_string_equal(typed_code(arena, "1\xff"), "1\xff");
	arena_free(arena);
}

/* UAX #15: the composed and the decomposed spelling become one. */
static void nfc_gives_one_form(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	assert_string_equal(nfc_text(arena, "e\u0301"), "\u00e9");
	assert_string_equal(nfc_text(arena, "\u00e9"), "\u00e9");
	assert_string_equal(nfc_text(arena, "\u0e19\u0e49\u0e33"), "\u0e19\u0e49\u0e33");
	assert_string_equal(nfc_text(arena, "\u212b"), "\u00c5");
	assert_string_equal(nfc_text(arena, ""), "");
	assert_string_equal(nfc_text(arena, "Abc"), "Abc");
	assert_string_equal(nfc_lower(arena, "ABC\u00c9"), "abc\u00e9");
	assert_null(nfc_text(arena, "\xc0\x80"));
	assert_null(nfc_text(arena, "\xed\xa0\x80"));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exactly_one_last_digit_is_the_check_digit),
		cmocka_unit_test(first_digit_length_and_digits_are_checked),
		cmocka_unit_test(a_national_id_is_read_in_every_spelling),
		cmocka_unit_test(an_alias_is_trimmed_composed_and_lowered),
		cmocka_unit_test(an_alias_has_3_to_64_visible_characters),
		cmocka_unit_test(kinds_have_the_names_that_the_database_has),
		cmocka_unit_test(a_code_loses_gaps_and_foreign_digits_only),
		cmocka_unit_test(nfc_gives_one_form),
	};
	return cmocka_run_group_tests_name("otp/typed", tests, NULL, NULL);
}
