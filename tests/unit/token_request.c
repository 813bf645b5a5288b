/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/oidc.h"
#include "oidc/grant_type.h"

#define VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CODE "grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA"

static struct error read_it(struct arena *arena, const char *form, struct token_request *out)
{
	return token_request_read(arena, oidc_form(arena, form), out);
}

/* RFC 6749 s4.1.3 prints this request, RFC 7636 s4.5 adds the verifier. */
static void reads_a_code_exchange(void **state)
{
	struct token_request request;
	struct error error = read_it(*state,
		CODE
		"&redirect_uri=https%3A%2F%2Fclient%2Eexample%2Ecom%2Fcb&code_verifier=" VERIFIER
		"&unheard_of=1",
		&request);
	assert_int_equal(error.code, ERROR_NONE);
	assert_int_equal(request.type->id, GRANT_authorization_code);
	assert_string_equal(request.presented, "SplxlOBeZQQYbYS6WxSbIA");
	assert_string_equal(request.redirect_uri, "https://client.example.com/cb");
	assert_string_equal(request.code_verifier, VERIFIER);
}

/* RFC 6749 s6 prints this one. */
static void reads_a_refresh(void **state)
{
	struct token_request request;
	struct error error = read_it(
		*state, "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA", &request);
	assert_int_equal(error.code, ERROR_NONE);
	assert_int_equal(request.type->id, GRANT_refresh_token);
	assert_string_equal(request.presented, "tGzv3JOkF0XG5Qx2TlKWIA");
	assert_int_equal(request.scope.n, 0);
	error = read_it(
		*state, "grant_type=refresh_token&refresh_token=x&scope=openid+email", &request);
	assert_int_equal(error.code, ERROR_NONE);
	assert_int_equal(request.scope.n, 2);
}

static void refuses_what_is_missing_or_misshapen(void **state)
{
	static const struct {
		const char *form;
		enum error_code code;
		const char *says;
	} rows[] = {
		{"", ERROR_INVALID_REQUEST, "grant_type"},
		{"grant_type=", ERROR_INVALID_REQUEST, "grant_type"},
		{"grant_type=password", ERROR_UNSUPPORTED_GRANT_TYPE, "password"},
		{"grant_type=client_credentials", ERROR_UNSUPPORTED_GRANT_TYPE,
			"client_credentials"},
		{"grant_type=%22%5C%0A", ERROR_UNSUPPORTED_GRANT_TYPE, "???"},
		{"grant_type=authorization_code", ERROR_INVALID_REQUEST, "code"},
		{CODE, ERROR_INVALID_REQUEST, "redirect_uri"},
		{CODE "&redirect_uri=", ERROR_INVALID_REQUEST, "redirect_uri"},
		{CODE "&redirect_uri=x&code_verifier=short", ERROR_INVALID_REQUEST,
			"code_verifier"},
		{CODE "&redirect_uri=x&code_verifier=" VERIFIER "%3D", ERROR_INVALID_REQUEST,
			"code_verifier"},
		{"grant_type=refresh_token", ERROR_INVALID_REQUEST, "refresh_token"},
		{"grant_type=refresh_token&refresh_token=x&scope=a%22b", ERROR_INVALID_SCOPE,
			"a?b"},
		{"grant_type=refresh_token&refresh_token=x&scope=%E0%B8%81", ERROR_INVALID_SCOPE,
			"scope"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct token_request request;
		struct error error = read_it(*state, rows[i].form, &request);
		assert_int_equal(error.code, rows[i].code);
		oidc_assert_description(error.description);
		assert_non_null(strstr(error.description, rows[i].says));
	}
}

static void bounds_what_it_looks_up(void **state)
{
	char *large = arena_alloc(*state, TOKEN_REQUEST_VALUE_MAX + 2);
	struct token_request request;
	memset(large, 'x', TOKEN_REQUEST_VALUE_MAX + 1);
	const char *code =
		arena_printf(*state, "grant_type=authorization_code&redirect_uri=x&code=%s", large);
	const char *refresh =
		arena_printf(*state, "grant_type=refresh_token&refresh_token=%s", large);
	struct error error = read_it(*state, code, &request);
	assert_int_equal(error.code, ERROR_INVALID_REQUEST);
	assert_null(strstr(error.description, "xxx"));
	assert_int_equal(read_it(*state, refresh, &request).code, ERROR_INVALID_REQUEST);
}

static void a_secret_is_never_shown_again(void **state)
{
	struct token_request request;
	struct error error =
		read_it(*state, CODE "&redirect_uri=x&code_verifier=my-short-secret", &request);
	assert_null(strstr(error.description, "my-short-secret"));
	assert_null(strstr(error.description, "SplxlOBeZQQYbYS6WxSbIA"));
}

static struct error check(struct arena *arena, bool is_form, const char *type, const char *text)
{
	struct token_request_form in = {.is_form = is_form, .content_type = type};
	in.verdict = params_parse(arena, text, strlen(text), &in.form);
	return token_request_check_form(arena, &in);
}

static void a_body_must_be_one_good_form(void **state)
{
	const char *form = "application/x-www-form-urlencoded";
	assert_int_equal(check(*state, true, form, "a=b").code, ERROR_NONE);
	struct error json = check(*state, false, "application/json", "");
	assert_int_equal(json.code, ERROR_INVALID_REQUEST);
	assert_non_null(strstr(json.description, "application/json"));
	assert_int_equal(check(*state, false, NULL, "").code, ERROR_INVALID_REQUEST);
	struct error twice = check(*state, true, form, "code=1&x=2&code=3");
	assert_int_equal(twice.code, ERROR_INVALID_REQUEST);
	assert_non_null(strstr(twice.description, "code"));
	static const char *const broken[] = {"a=%zz", "a=%00", "a=%ff"};
	for (size_t i = 0; i < COUNT(broken); i++)
		assert_int_equal(check(*state, true, form, broken[i]).code, ERROR_INVALID_REQUEST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_a_code_exchange, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(reads_a_refresh, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			refuses_what_is_missing_or_misshapen, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(bounds_what_it_looks_up, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			a_secret_is_never_shown_again, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			a_body_must_be_one_good_form, oidc_setup, oidc_teardown),
	};
	return cmocka_run_group_tests_name("oidc/token_request", tests, NULL, NULL);
}
