/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/courier/sms.h"

static void a_number_is_international(void **state)
{
	static const char *const good[] = {"+66812345678", "+1234567", "+123456789012345"};
	static const char *const bad[] = {"", "+", "66812345678", "0812345678", "+0812345678",
		"+123456", "+1234567890123456", "+66 812345678", "+6681234567a", "+66812345678\n",
		"++66812345678", "+66812345678,+66812345679"};
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(sms_number_valid(good[i]));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(sms_number_valid(bad[i]));
}

/* 3GPP TS 23.038 s6.2.1: the alphabet and its extension. */
static void what_is_in_the_alphabet_of_gsm(void **state)
{
	static const char *const good[] = {"", "123456 is your code\n@login.example #123456",
		"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ", " !\"#¤%&'()*+,-./:;<=>?¡", "ÄÖÑÜ§¿äöñüà",
		"^{}\\[~]|€"};
	static const char *const bad[] = {"รหัส", "`", "\t", "ç", "á", "“", "…", "\x7f", "\xff"};
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(sms_is_gsm7(good[i]));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(sms_is_gsm7(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_international),
		cmocka_unit_test(what_is_in_the_alphabet_of_gsm),
	};
	return cmocka_run_group_tests_name("courier/sms", tests, NULL, NULL);
}
