/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/oidc.h"
#include "oidc/discovery.h"

#define ISSUER "https://idp.example:8443"

static void has_what_the_specifications_require(void **state)
{
	(void)state;
	/* OpenID Connect Discovery s3 and RFC 8414 s2: REQUIRED. */
	static const char *const required[] = {"issuer", "authorization_endpoint", "token_endpoint",
		"jwks_uri", "response_types_supported", "subject_types_supported",
		"id_token_signing_alg_values_supported"};
	AUTO_JSON json_t *metadata = discovery_metadata(ISSUER);
	for (size_t i = 0; i < COUNT(required); i++)
		assert_non_null(json_object_get(metadata, required[i]));
	assert_string_equal(json_str(metadata, "issuer"), ISSUER);
	assert_string_equal(json_str(metadata, "token_endpoint"), ISSUER "/token");
	assert_string_equal(json_str(metadata, "end_session_endpoint"), ISSUER "/logout");
}

static bool lists(const json_t *metadata, const char *name, const char *item)
{
	const json_t *array = json_arr(metadata, name);
	for (size_t i = 0; i < json_array_size(array); i++)
		if (str_eq(json_string_value(json_array_get(array, i)), item))
			return true;
	return false;
}

static void says_what_is_true(void **state)
{
	(void)state;
	AUTO_JSON json_t *metadata = discovery_metadata(ISSUER);
	static const char *const yes[][2] = {{"scopes_supported", "openid"},
		{"scopes_supported", "national_id"}, {"scopes_supported", "offline_access"},
		{"id_token_signing_alg_values_supported", "RS256"},
		{"token_endpoint_auth_methods_supported", "private_key_jwt"},
		{"response_modes_supported", "form_post"}, {"claims_supported", "sub"},
		{"claims_supported", "national_id"}, {"claims_supported", "phone_number_verified"},
		{"prompt_values_supported", "select_account"}, {"ui_locales_supported", "th"}};
	static const char *const no[][2] = {{"code_challenge_methods_supported", "plain"},
		{"id_token_signing_alg_values_supported", "none"},
		{"introspection_endpoint_auth_methods_supported", "none"},
		{"response_types_supported", "id_token"},
		{"token_endpoint_auth_methods_supported", "client_secret_jwt"}};
	for (size_t i = 0; i < COUNT(yes); i++)
		assert_true(lists(metadata, yes[i][0], yes[i][1]));
	for (size_t i = 0; i < COUNT(no); i++)
		assert_false(lists(metadata, no[i][0], no[i][1]));
	assert_true(json_flag(metadata, "claims_parameter_supported", false));
	assert_true(json_flag(metadata, "authorization_response_iss_parameter_supported", false));
	/* Its default is true (OpenID Connect Discovery s3), so it must be said. */
	assert_false(json_flag(metadata, "request_uri_parameter_supported", true));
	assert_false(json_flag(metadata, "request_parameter_supported", true));
}

static void names_each_claim_once(void **state)
{
	(void)state;
	AUTO_JSON json_t *metadata = discovery_metadata(ISSUER);
	const json_t *claims = json_arr(metadata, "claims_supported");
	for (size_t i = 0; i < json_array_size(claims); i++)
		for (size_t j = i + 1; j < json_array_size(claims); j++)
			assert_string_not_equal(json_string_value(json_array_get(claims, i)),
				json_string_value(json_array_get(claims, j)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			has_what_the_specifications_require, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(says_what_is_true, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(names_each_claim_once, oidc_setup, oidc_teardown),
	};
	return cmocka_run_group_tests_name("oidc/discovery", tests, NULL, NULL);
}
