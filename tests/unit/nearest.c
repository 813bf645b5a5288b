/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/nearest.h"

static void distances(void **state)
{
	static const struct {
		const char *one, *other;
		size_t distance;
	} rows[] = {{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0},
		{"abc", "abd", 1}, {"abc", "acb", 1}, {"abc", "ab", 1}, {"ab", "abc", 1},
		{"kitten", "sitting", 3}, {"redirect_uri", "redirect_uris", 1}};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(nearest_distance(rows[i].one, rows[i].other), rows[i].distance);
}

static void the_word_that_was_meant(void **state)
{
	static const char *const words[] = {
		"redirect_uris", "require_pkce", "scope", "jwks", "jwks_uri", NULL};
	static const struct {
		const char *text, *meant;
	} rows[] = {{"redirect_uri", "redirect_uris"}, {"requrie_pkce", "require_pkce"},
		{"scopes", "scope"}, {"jwk", "jwks"}, {"jwksuri", "jwks_uri"}, {"colour", NULL},
		{"x", NULL}, {"", NULL},
		{"redirect_uris_redirect_uris_redirect_uris_redirect_uris_redirect_uris", NULL}};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *found = nearest_word(rows[i].text, words);
		if (rows[i].meant)
			assert_string_equal(found, rows[i].meant);
		else
			assert_null(found);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distances),
		cmocka_unit_test(the_word_that_was_meant),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
