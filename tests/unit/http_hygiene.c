/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "tests/unit/http_cut.h"
#include "idp/io/http.h"
#include <stdio.h>

#define GET "GET / HTTP/1.1\r\n"
#define HOST "Host: a\r\n"
#define POST "POST / HTTP/1.1\r\n" HOST

static struct http_cut cut;

static int status_of(const char *bytes, size_t len)
{
	assert_true(http_cut(&cut, bytes, len));
	return http_hygiene_check(&cut.head).status;
}

/* With its NULs. */
#define STATUS(literal) status_of("" literal, sizeof(literal) - 1)

static void takes_what_is_plain(void **state)
{
	(void)state;
	assert_int_equal(STATUS(GET HOST "\r\n"), 0);
	assert_int_equal(STATUS("GET /a?b=c HTTP/1.0\r\n\r\n"), 0);
	assert_int_equal(STATUS(GET "host:\t[::1]:80 \t\r\nX:\r\nY: \r\nZ:z\r\n\r\n"), 0);
	assert_int_equal(STATUS("\r\n\r\n" GET HOST "\r\n"), 0);
	assert_int_equal(STATUS(POST "Content-Length: 65536\r\n\r\n"), 0);
	assert_int_equal(STATUS(POST "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n"), 0);
	assert_int_equal(STATUS("M-SEARCH / HTTP/1.1\r\n" HOST "\r\n"), 0);
	assert_int_equal(STATUS(GET HOST "Accept: a\r\nAccept: b\r\n\r\n"), 0);
	assert_int_equal(STATUS(GET HOST "User-Agent: \xe0\xb8\x81\xff\r\n\r\n"), 0);
}

static void refuses_a_doubtful_layout(void **state)
{
	(void)state;
	assert_int_equal(STATUS("GET / HTTP/1.1\n" HOST "\r\n"), 400);
	assert_int_equal(STATUS(GET "Host: a\nX: y\r\n\r\n"), 400);
	assert_int_equal(STATUS(GET HOST "X: y\n\r\n"), 400);
	assert_int_equal(STATUS(GET HOST "\n"), 400);
	assert_int_equal(STATUS("GET  / HTTP/1.1\r\n" HOST "\r\n"), 400);
	assert_int_equal(STATUS("GET /a\0b HTTP/1.1\r\n" HOST "\r\n"), 400);
	assert_int_equal(STATUS("GET /\0 HTTP/1.1\r\n" HOST "\r\n"), 400);
}

static void refuses_folded_lines(void **state)
{
	(void)state;
	assert_int_equal(STATUS(GET HOST "X: y\r\n z\r\n\r\n"), 400);
	assert_int_equal(STATUS(GET HOST "X: y\r\n\tz\r\nA: b\r\n\r\n"), 400);
	assert_int_equal(STATUS(GET "Host: a\r\n \r\n\r\n"), 400);
	assert_int_equal(STATUS(POST "Content-Lengt: 3\r\n h\r\n\r\n"), 400);
}

static void refuses_nul_and_controls(void **state)
{
	(void)state;
	assert_int_equal(STATUS(GET HOST "X: a\0b\r\n\r\n"), 400);
	assert_int_equal(STATUS(GET HOST "X: a\0\r\n\r\n"), 400);
	assert_int_equal(STATUS(GET HOST "X: a\0\0Y\0 b\r\n\r\n"), 400);
	assert_int_equal(STATUS(GET HOST "X: a\0\0\0\0\r\n\r\n"), 400);
	assert_int_equal(STATUS(GET HOST "X: a\n\0\x02\n"), 400);
	assert_int_equal(STATUS("GET / HTTP/1.1\n" HOST "\n\0"), 400);
	assert_int_equal(STATUS(POST "Content-Length: 3\0 4\r\n\r\n"), 400);
	assert_int_equal(STATUS(GET HOST "X: a\rb\r\n\r\n"), 400);
	assert_int_equal(STATUS(GET HOST "X: a\r\r\n\r\n"), 400);
	assert_int_equal(STATUS(GET HOST "X: \x01\r\n\r\n"), 400);
	assert_int_equal(STATUS(GET HOST "X: \x7f\r\n\r\n"), 400);
}

static void refuses_names_that_are_no_tokens(void **state)
{
	(void)state;
	assert_int_equal(STATUS(GET HOST "X : y\r\n\r\n"), 400);
	assert_int_equal(STATUS(GET HOST "X\t: y\r\n\r\n"), 400);
	assert_int_equal(STATUS(GET HOST "X Y: y\r\n\r\n"), 400);
	assert_int_equal(STATUS(GET HOST ": y\r\n\r\n"), 400);
	assert_int_equal(STATUS(GET HOST "X\xc3\xa9: y\r\n\r\n"), 400);
	assert_int_equal(STATUS(GET HOST "(X): y\r\n\r\n"), 400);
}

static void takes_single_fields_once(void **state)
{
	static const char *const names[] = {"Authorization", "Content-Type", "Cookie", "Origin",
		"Referer", "User-Agent", "DPoP", "Expect", "Accept-Language", "Sec-Fetch-Site"};
	char text[200];
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		int len =
			snprintf(text, sizeof text, GET HOST "%s: 100-continue\r\n\r\n", names[i]);
		assert_int_equal(status_of(text, (size_t)len), 0);
		len = snprintf(
			text, sizeof text, GET HOST "%s: a\r\n%s: a\r\n\r\n", names[i], names[i]);
		assert_int_equal(status_of(text, (size_t)len), 400);
	}
	assert_int_equal(STATUS(GET HOST "cookie: a\r\nCOOKIE: b\r\n\r\n"), 400);
}

static void wants_one_good_host(void **state)
{
	(void)state;
	assert_int_equal(STATUS(GET "\r\n"), 400);
	assert_int_equal(STATUS(GET HOST HOST "\r\n"), 400);
	assert_int_equal(STATUS("GET / HTTP/1.0\r\n" HOST "Host: b\r\n\r\n"), 400);
	assert_int_equal(STATUS(GET "Host: \r\n\r\n"), 400);
	assert_int_equal(STATUS(GET "Host: a b\r\n\r\n"), 400);
	assert_int_equal(STATUS(GET "Host: u@a\r\n\r\n"), 400);
	assert_int_equal(STATUS(GET "Host: a/b\r\n\r\n"), 400);
	assert_int_equal(STATUS(GET "Host: a,b\r\n\r\n"), 400);
}

static void wants_one_framing(void **state)
{
	(void)state;
	assert_int_equal(
		STATUS(POST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
	assert_int_equal(
		STATUS(POST "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"), 400);
	assert_int_equal(STATUS(POST "Transfer-Encoding: chunked\r\n\r\n"), 411);
	assert_int_equal(STATUS(POST "Transfer-Encoding: CHUNKED\r\n\r\n"), 411);
	assert_int_equal(STATUS(POST "Transfer-Encoding: gzip, chunked\r\n\r\n"), 400);
	assert_int_equal(STATUS(POST "Transfer-Encoding: identity\r\n\r\n"), 400);
	assert_int_equal(STATUS(POST "Transfer-Encoding: \r\n\r\n"), 400);
	assert_int_equal(STATUS("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
	assert_int_equal(STATUS(POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n"), 400);
	assert_int_equal(STATUS(POST "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400);
}

static void wants_a_length_of_digits(void **state)
{
	static const char *const bad[] = {"", "+1", "-1", "0x1", "1,1", "1 1", "1a", "1.0", "١"};
	static const char *const large[] = {"65537", "99999999999", "18446744073709551617",
		"340282366920938463463374607431768211457"};
	char text[200];
	size_t length;
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		const int len =
			snprintf(text, sizeof text, POST "Content-Length: %s\r\n\r\n", bad[i]);
		assert_int_equal(status_of(text, (size_t)len), 400);
	}
	for (size_t i = 0; i < COUNT(large); i++) {
		const int len =
			snprintf(text, sizeof text, POST "Content-Length: %s\r\n\r\n", large[i]);
		assert_int_equal(status_of(text, (size_t)len), 413);
	}
	assert_int_equal(STATUS(POST "Content-Length: 0065536\r\n\r\n"), 0);
	assert_int_equal(http_hygiene_length(&cut.head, &length).status, 0);
	assert_int_equal(length, 65536);
	assert_int_equal(STATUS(POST "\r\n"), 0);
	assert_int_equal(http_hygiene_length(&cut.head, &length).status, 0);
	assert_int_equal(length, 0);
}

static void refuses_other_versions_and_methods(void **state)
{
	(void)state;
	assert_int_equal(STATUS("GET / HTTP/1.2\r\n" HOST "\r\n"), 505);
	assert_int_equal(
		STATUS("GET / HTTP/2.0\r\n" HOST "\r\n"), 400); /* the library answers it 505 */
	assert_int_equal(STATUS("get / HTTP/1.1\r\n" HOST "\r\n"), 400);
	assert_int_equal(STATUS("G\x01T / HTTP/1.1\r\n" HOST "\r\n"), 400);
	assert_int_equal(STATUS("AAAAAAAAAAAAAAAA / HTTP/1.1\r\n" HOST "\r\n"), 0);
	assert_int_equal(STATUS("AAAAAAAAAAAAAAAAA / HTTP/1.1\r\n" HOST "\r\n"), 400);
}

static void refuses_what_it_cannot_meet(void **state)
{
	(void)state;
	assert_int_equal(STATUS(POST "Expect: 200-ok\r\n\r\n"), 417);
	assert_int_equal(STATUS(POST "Content-Encoding: gzip\r\n\r\n"), 415);
	assert_int_equal(STATUS(POST "Content-Encoding: identity\r\n\r\n"), 0);
}

static size_t head_with(char *text, size_t n_fields, size_t padding)
{
	size_t len = (size_t)sprintf(text, GET HOST);
	for (size_t i = 1; i < n_fields; i++)
		len += (size_t)sprintf(text + len, "X: y\r\n");
	len += (size_t)sprintf(text + len, "P: ");
	memset(text + len, 'p', padding);
	len += padding;
	return len + (size_t)sprintf(text + len, "\r\n\r\n");
}

static void bounds_the_head(void **state)
{
	static char text[HTTP_CUT_MAX];
	(void)state;
	assert_int_equal(status_of(text, head_with(text, 99, 0)), 0);
	assert_int_equal(status_of(text, head_with(text, 100, 0)), 431);
	const size_t rest = head_with(text, 1, 0);
	assert_int_equal(status_of(text, head_with(text, 1, HTTP_HEADER_MAX - rest)), 0);
	assert_int_equal(status_of(text, head_with(text, 1, HTTP_HEADER_MAX - rest + 1)), 431);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_is_plain),
		cmocka_unit_test(refuses_a_doubtful_layout),
		cmocka_unit_test(refuses_folded_lines),
		cmocka_unit_test(refuses_nul_and_controls),
		cmocka_unit_test(refuses_names_that_are_no_tokens),
		cmocka_unit_test(takes_single_fields_once),
		cmocka_unit_test(wants_one_good_host),
		cmocka_unit_test(wants_one_framing),
		cmocka_unit_test(wants_a_length_of_digits),
		cmocka_unit_test(refuses_other_versions_and_methods),
		cmocka_unit_test(refuses_what_it_cannot_meet),
		cmocka_unit_test(bounds_the_head),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
