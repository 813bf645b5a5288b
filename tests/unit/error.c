/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/oidc.h"
#include "idp/base/crypto.h"

static void every_code_has_name_and_status(void **state)
{
	(void)state;
	assert_string_equal(error_name(ERROR_NONE), "");
	assert_int_equal(error_status(ERROR_NONE), 200);
	for (int code = ERROR_NONE + 1; code < ERROR_CODES; code++) {
		assert_true(strlen(error_name((enum error_code)code)) > 0);
		assert_true(error_status((enum error_code)code) >= 400);
	}
	assert_int_equal(error_status(ERROR_INVALID_CLIENT), 400);
	assert_int_equal(error_status(ERROR_INVALID_GRANT), 400);
	assert_int_equal(error_status(ERROR_INSUFFICIENT_SCOPE), 403);
	assert_int_equal(error_status(ERROR_TEMPORARILY_UNAVAILABLE), 503);
}

static void descriptions_hold_no_stray_byte(void **state)
{
	char all[256];
	for (int i = 0; i < 255; i++)
		all[i] = (char)(i + 1);
	all[255] = '\0';
	struct error error = error_make(*state, ERROR_INVALID_REQUEST, "received %s", all);
	oidc_assert_description(error.description);
	assert_non_null(strstr(error.description, "received "));
	char *large = arena_alloc(*state, 5001);
	memset(large, 'x', 5000);
	error = error_make(*state, ERROR_INVALID_REQUEST, "%s", large);
	assert_int_equal(strlen(error.description), ERROR_DESCRIPTION_MAX);
}

static const char *shown(struct arena *arena, const char *text)
{
	return error_make(arena, ERROR_INVALID_REQUEST, "%s", error_shown(arena, text)).description;
}

static void what_came_is_shown_clean_and_short(void **state)
{
	char large[ERROR_SHOWN_MAX + 2];
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	assert_string_equal(shown(*state, "a\"b\\c\r\nd"), "a?b?c??d");
	assert_string_equal(shown(*state, "\xc3\xa9"), "??");
	assert_string_equal(shown(*state, "a\1b\2c"), "a?b?c");
	assert_string_equal(shown(*state, NULL), "nothing");
	assert_string_equal(shown(*state, ""), "an empty value");
	assert_int_equal(strlen(shown(*state, large)), ERROR_SHOWN_MAX + 3);
	large[ERROR_SHOWN_MAX] = '\0';
	assert_string_equal(shown(*state, large), large);
}

/* What received may be a password in the wrong field. */
static void a_log_holds_only_a_hash_of_what_came(void **state)
{
	struct error error = error_make(*state, ERROR_INVALID_CLIENT,
		"%s: expected %s, received %s; %s", "client_id", "a client",
		error_shown(*state, "hunter2\2x\1"), error_shown(*state, "other"));
	assert_string_equal(
		error.description, "client_id: expected a client, received hunter2?x?; other");
	assert_string_equal(
		error.logged, arena_printf(*state, "client_id: expected a client, received %s; %s",
				      crypto_fingerprint(*state, "hunter2?x?"),
				      crypto_fingerprint(*state, "other")));
	char *large = arena_alloc(*state, 1001);
	memset(large, 'x', 1000);
	error = error_make(*state, ERROR_INVALID_REQUEST, "%.390s%s", large,
		error_shown(*state, "hunter2 and more")); /* cut within what was received */
	assert_non_null(strstr(error.description, "hunter2"));
	assert_null(strstr(error.logged, "hunter2"));
}

static void json_has_the_members_of_rfc_6749(void **state)
{
	struct error error = error_make(*state, ERROR_INVALID_GRANT, "expected x");
	assert_string_equal(error_json(*state, &error, "abc"),
		"{\"error\":\"invalid_grant\",\"error_description\":\"expected x\","
		"\"correlation_id\":\"abc\"}");
	error = error_make(*state, ERROR_NONE, "expected a token");
	assert_string_equal(
		error_json(*state, &error, NULL), "{\"error_description\":\"expected a token\"}");
}

static void challenges_name_their_scheme(void **state)
{
	const char *realm = "https://idp.example";
	struct error error = error_make(*state, ERROR_INVALID_CLIENT, "no \"secret\"");
	assert_string_equal(error_challenge(*state, &error, realm),
		"Basic realm=\"https://idp.example\", charset=\"UTF-8\", "
		"error=\"invalid_client\", error_description=\"no ?secret?\"");
	assert_int_equal(error_challenge_status(ERROR_INVALID_CLIENT), 401);
	assert_int_equal(error_status(ERROR_INVALID_CLIENT), 400);
	error = error_make(*state, ERROR_INVALID_TOKEN, "no \"such\" token");
	assert_string_equal(error_challenge(*state, &error, realm),
		"Bearer realm=\"https://idp.example\", error=\"invalid_token\", "
		"error_description=\"no ?such? token\"");
	assert_int_equal(error_challenge_status(ERROR_INVALID_TOKEN), 401);
	assert_int_equal(error_challenge_status(ERROR_INSUFFICIENT_SCOPE), 403);
	assert_int_equal(error_challenge_status(ERROR_NONE), 401);
	error = error_make(*state, ERROR_NONE, "expected a token");
	assert_string_equal(
		error_challenge(*state, &error, realm), "Bearer realm=\"https://idp.example\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			every_code_has_name_and_status, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			descriptions_hold_no_stray_byte, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			what_came_is_shown_clean_and_short, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			a_log_holds_only_a_hash_of_what_came, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			json_has_the_members_of_rfc_6749, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			challenges_name_their_scheme, oidc_setup, oidc_teardown),
	};
	return cmocka_run_group_tests_name("oidc/error", tests, NULL, NULL);
}
