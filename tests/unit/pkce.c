/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/oidc.h"
#include "oidc/pkce.h"

/* RFC 7636 appendix B */
#define VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

static void speaks_rfc_7636_appendix_b(void **state)
{
	assert_string_equal(pkce_challenge(*state, VERIFIER), CHALLENGE);
	assert_true(pkce_fits(*state, CHALLENGE, VERIFIER));
	assert_false(pkce_fits(*state, CHALLENGE, VERIFIER "x"));
	assert_false(pkce_fits(*state, CHALLENGE "x", VERIFIER));
	/* plain is not spoken: the verifier is not its own challenge. */
	assert_false(pkce_fits(*state, VERIFIER, VERIFIER));
}

static void a_verifier_has_43_to_128_unreserved(void **state)
{
	char text[130];
	(void)state;
	memset(text, '~', sizeof(text));
	for (size_t n = 0; n < sizeof(text); n++) {
		text[n] = '\0';
		assert_int_equal(pkce_verifier_valid(text), n >= 43 && n <= 128);
		text[n] = '~';
	}
	text[50] = '\0';
	static const char bad[] = " +/=%\"\\\n\t\x7f\xc3";
	for (size_t i = 0; i < sizeof(bad) - 1; i++) {
		text[20] = bad[i];
		assert_false(pkce_verifier_valid(text));
	}
	assert_false(pkce_verifier_valid(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			speaks_rfc_7636_appendix_b, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			a_verifier_has_43_to_128_unreserved, oidc_setup, oidc_teardown),
	};
	return cmocka_run_group_tests_name("oidc/pkce", tests, NULL, NULL);
}
