/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/page/page_lang.h"

struct example {
	const char *cookie, *ui_locales, *accept;
	enum page_lang lang;
};

static void check(const struct example *examples, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(page_lang_pick(examples[i].cookie, examples[i].ui_locales,
					 examples[i].accept),
			examples[i].lang);
}

static void the_choice_on_the_page_comes_first(void **state)
{
	static const struct example examples[] = {
		{"en", "th", "th", PAGE_EN},
		{"th", "en", "en", PAGE_TH},
		{NULL, "en", "th", PAGE_EN},
		{NULL, NULL, "en", PAGE_EN},
		{NULL, NULL, NULL, PAGE_TH},
		{"EN", NULL, NULL, PAGE_TH},
		{"en-GB", NULL, NULL, PAGE_TH},
		{"", "", "", PAGE_TH},
	};

	(void)state;
	check(examples, COUNT(examples));
}

static void unknown_ui_locales_are_passed_over(void **state)
{
	static const struct example examples[] = {
		{NULL, "fr-CA fr en-GB th", NULL, PAGE_EN},
		{NULL, "de ja", "en", PAGE_EN},
		{NULL, "TH", "en", PAGE_TH},
		{NULL, "EN-us", NULL, PAGE_EN},
		{NULL, "english thai", "en", PAGE_EN},
	};

	(void)state;
	check(examples, COUNT(examples));
}

static void accept_language_is_weighed(void **state)
{
	static const struct example examples[] = {
		{NULL, NULL, "th-TH,th;q=0.9,en;q=0.8", PAGE_TH},
		{NULL, NULL, "en-US,en;q=0.9,th;q=0.8", PAGE_EN},
		{NULL, NULL, "en;q=0.5, th;q=0.7", PAGE_TH},
		{NULL, NULL, "th;q=0.5, en;q=0.75", PAGE_EN},
		{NULL, NULL, "th;q=0.501, en;q=0.502", PAGE_EN},
		{NULL, NULL, "th;q=0, en;q=0.001", PAGE_EN},
		{NULL, NULL, "fr, en ; q=1", PAGE_EN},
		{NULL, NULL, "th;Q=0.1,en;Q=0.2", PAGE_EN},
		{NULL, NULL, "de,*;q=0.5", PAGE_TH},
		{NULL, NULL, "en;q=1.000", PAGE_EN},
	};

	(void)state;
	check(examples, COUNT(examples));
}

static void malformed_ones_decide_nothing(void **state)
{
	static const struct example examples[] = {
		{NULL, NULL, ",,,", PAGE_TH},
		{NULL, NULL, ";q=1", PAGE_TH},
		{NULL, NULL, "en;q=", PAGE_TH},
		{NULL, NULL, "en;q=x", PAGE_TH},
		{NULL, NULL, "en;q=-1", PAGE_TH},
		{NULL, NULL, "en;q=9", PAGE_TH},
		{NULL, NULL, "en;level=1", PAGE_TH},
		{NULL, NULL, "english", PAGE_TH},
		{NULL, NULL, "e", PAGE_TH},
		{NULL, NULL, " \t", PAGE_TH},
		{NULL, NULL, "en;;;;q=1, th;q=0.1", PAGE_TH},
		{NULL, NULL, "\xff\xfe, en", PAGE_EN},
	};

	(void)state;
	check(examples, COUNT(examples));
}

static void codes(void **state)
{
	enum page_lang lang = PAGE_TH;

	(void)state;
	assert_true(page_lang_parse("en", &lang));
	assert_int_equal(lang, PAGE_EN);
	assert_false(page_lang_parse("en; Domain=x", &lang));
	assert_false(page_lang_parse(NULL, &lang));
	assert_string_equal(page_lang_code(PAGE_TH), "th");
	assert_string_equal(page_lang_code(PAGE_EN), "en");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_choice_on_the_page_comes_first),
		cmocka_unit_test(unknown_ui_locales_are_passed_over),
		cmocka_unit_test(accept_language_is_weighed),
		cmocka_unit_test(malformed_ones_decide_nothing),
		cmocka_unit_test(codes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
