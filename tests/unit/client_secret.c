/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "oidc/client_secret.h"

/* RFC 6749 s10.10 */
static void bits_by_length_and_characters(void **state)
{
	static const struct {
		const char *secret;
		bool enough;
	} rows[] = {
		{"", false},
		{"secret", false},
		{"correct horse battery", false},
		{"0123456789abcdef0123456789abcde", false}, /* 31 hexadecimal digits */
		{"0123456789abcdef0123456789abcdef", true},
		{"0123456789ABCDEF0123456789ABCDEF", true},
		{"01234567890123456789012345678901234567", false}, /* 38 digits */
		{"0123456789012345678901234567890123456789", true},
		{"yQ3w8Zt1uV5xB7nM2kL9p", false}, /* 21 of base64 */
		{"yQ3w8Zt1uV5xB7nM2kL9pR", true},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
		{"abcabcabcabcabcabcabcabcabcabcabcabcabc", false},
		{"f81d4fae-7dec-41d0-a765-00a0c91e6bf6", true},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const size_t bits = client_secret_bits(rows[i].secret);
		if ((bits >= CLIENT_SECRET_BITS) != rows[i].enough)
			fail_msg("%s: %zu", rows[i].secret, bits);
	}
}

static void what_documentation_has_is_no_secret(void **state)
{
	(void)state;
	assert_true(client_secret_placeholder("replace-me-with-openssl-rand-base64-32"));
	assert_true(client_secret_placeholder("ChangeMe"));
	assert_true(client_secret_placeholder("your-client-secret"));
	assert_false(client_secret_placeholder("0123456789abcdef0123456789abcdef"));
	assert_false(client_secret_placeholder(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bits_by_length_and_characters),
		cmocka_unit_test(what_documentation_has_is_no_secret),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
