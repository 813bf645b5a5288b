/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "oidc/authz_response.h"

#define ISSUER "https://id.example"

static struct authz_request request_to(const char *uri, const char *state)
{
	return (struct authz_request){.redirect_uri = uri, .state = state};
}

/* RFC 6749 s4.1.2, RFC 9207 s2 */
static void a_code_comes_with_state_and_iss(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct authz_request request = request_to("https://a.example/cb", "x y&z=ก\"");
	struct authz_response response = authz_response_code(&request, ISSUER, "c-1");
	assert_string_equal(authz_response_location(arena, &response),
		"https://a.example/cb?code=c-1&state=x%20y%26z%3D%E0%B8%81%22"
		"&iss=https%3A%2F%2Fid.example");
	request.state = NULL;
	response = authz_response_code(&request, ISSUER, "c-1");
	assert_string_equal(authz_response_location(arena, &response),
		"https://a.example/cb?code=c-1&iss=https%3A%2F%2Fid.example");
	arena_free(arena);
}

/* RFC 6749 s4.1.2.1 */
static void an_error_comes_with_its_description_state_and_iss(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct authz_request request = request_to("https://a.example/cb", "s");
	struct error error = error_make(arena, ERROR_LOGIN_REQUIRED, "sign in first");
	struct authz_response response = authz_response_error(&request, ISSUER, &error);
	assert_string_equal(authz_response_location(arena, &response),
		"https://a.example/cb?error=login_required&error_description=sign%20in%20first"
		"&state=s&iss=https%3A%2F%2Fid.example");
	arena_free(arena);
}

/* The client's registration says whether iss stands in error responses; no other response asks. */
static void iss_in_errors_is_by_registration(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	const struct client plain = {.iss_in_error_responses = true}, old = {0};
	struct authz_request request = request_to("https://a.example/cb", "s");
	struct error error = error_make(arena, ERROR_ACCESS_DENIED, "no");
	assert_string_equal(authz_response_error_issuer(&plain, ISSUER), ISSUER);
	assert_null(authz_response_error_issuer(&old, ISSUER));
	struct authz_response response = authz_response_error(&request, NULL, &error);
	assert_string_equal(authz_response_location(arena, &response),
		"https://a.example/cb?error=access_denied&error_description=no&state=s");
	arena_free(arena);
}

/* RFC 6749 s3.1.2: a query in the redirect_uri is retained. */
static void a_query_in_the_uri_survives(void **state)
{
	(void)state;
	static const struct {
		const char *uri, *expected;
	} rows[] = {
		{"https://a.example/cb?lang=th%20x", "https://a.example/cb?lang=th%20x&code=c"},
		{"https://a.example/cb?", "https://a.example/cb?code=c"},
		{"https://a.example/cb?a=1&", "https://a.example/cb?a=1&code=c"},
		{"https://a.example/cb?a=b?c", "https://a.example/cb?a=b?c&code=c"},
		{"https://a.example", "https://a.example?code=c"},
		{"org.example.app:/cb", "org.example.app:/cb?code=c"},
	};
	struct param code = {"code", "c"};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *arena = arena_new();
		assert_string_equal(
			authz_response_append(arena, rows[i].uri, &code, 1), rows[i].expected);
		arena_free(arena);
	}
}

static void nothing_is_appended_where_nothing_is_given(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct param none = {"state", NULL};
	assert_string_equal(authz_response_append(arena, "https://a.example/out", &none, 1),
		"https://a.example/out");
	arena_free(arena);
}

/* OAuth 2.0 Form Post Response Mode s2: fields as they are, the page encodes them. */
static void a_form_has_the_same_fields_unencoded(void **state)
{
	(void)state;
	struct authz_request request = request_to("https://a.example/cb", "a b\"<");
	request.mode = AUTHZ_MODE_FORM_POST;
	struct authz_response response = authz_response_code(&request, ISSUER, "c-1");
	assert_int_equal(response.mode, AUTHZ_MODE_FORM_POST);
	assert_string_equal(response.redirect_uri, "https://a.example/cb");
	assert_int_equal(response.n, 3);
	assert_string_equal(response.fields[0].value, "c-1");
	assert_string_equal(response.fields[1].value, "a b\"<");
	assert_string_equal(response.fields[2].name, "iss");
	assert_string_equal(response.fields[2].value, ISSUER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_comes_with_state_and_iss),
		cmocka_unit_test(an_error_comes_with_its_description_state_and_iss),
		cmocka_unit_test(iss_in_errors_is_by_registration),
		cmocka_unit_test(a_query_in_the_uri_survives),
		cmocka_unit_test(nothing_is_appended_where_nothing_is_given),
		cmocka_unit_test(a_form_has_the_same_fields_unencoded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
