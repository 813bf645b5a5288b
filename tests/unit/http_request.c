/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/io/http.h"

static void headers_are_found_whatever_their_case(void **state)
{
	static const struct http_header headers[] = {
		{"Host", "a"}, {"COOKIE", "x=1; y=2"}, {"Accept", ""}};
	struct arena *arena = arena_new();
	const struct http_request request = {.arena = arena, .headers = headers, .n_headers = 3};
	(void)state;
	assert_string_equal(http_header(&request, "hOST"), "a");
	assert_string_equal(http_header(&request, "accept"), "");
	assert_null(http_header(&request, "Hos"));
	assert_string_equal(http_cookie(&request, "y"), "2");
	assert_null(http_cookie(&request, "X"));
	arena_free(arena);
}

static void a_line_break_never_becomes_a_header(void **state)
{
	struct http_response response = {0};
	(void)state;
	http_add(&response, "Location", "/a\r\nSet-Cookie: b");
	http_add(&response, "Location", "/a\nb");
	http_add(&response, "Lo\rcation", "/a");
	http_add(&response, "Location", NULL);
	assert_int_equal(response.n_headers, 0);
	http_add(&response, "Location", "/a");
	assert_int_equal(response.n_headers, 1);
}

static void more_headers_than_fit_are_dropped(void **state)
{
	struct http_response response = {0};
	(void)state;
	for (int i = 0; i < HTTP_RESPONSE_HEADERS + 3; i++)
		http_add(&response, "X", "y");
	assert_int_equal(response.n_headers, HTTP_RESPONSE_HEADERS);
}

static void body_and_redirect_fill_the_response(void **state)
{
	struct http_response response = {0}, other = {0};
	(void)state;
	http_body(&response, 200, "text/plain", "abc", 3);
	assert_int_equal(response.status, 200);
	assert_int_equal(response.body_len, 3);
	assert_string_equal(response.headers[0].value, "text/plain");
	http_redirect(&other, 303, "https://a/?b=c");
	assert_int_equal(other.status, 303);
	assert_int_equal(other.body_len, 0);
	assert_string_equal(other.headers[0].name, "Location");
	assert_string_equal(other.headers[0].value, "https://a/?b=c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_found_whatever_their_case),
		cmocka_unit_test(a_line_break_never_becomes_a_header),
		cmocka_unit_test(more_headers_than_fit_are_dropped),
		cmocka_unit_test(body_and_redirect_fill_the_response),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
