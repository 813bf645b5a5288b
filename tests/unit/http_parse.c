/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/params.h"
#include "idp/base/str.h"
#include "idp/io/http_parse.h"

static int open_arena(void **state)
{
	*state = arena_new();
	return 0;
}

static int close_arena(void **state)
{
	arena_free(*state);
	return 0;
}

static void takes_targets(void **state)
{
	static const struct {
		const char *target, *path, *query;
	} rows[] = {{"/", "/", ""}, {"/a/b", "/a/b", ""}, {"/a/", "/a/", ""}, {"/a?", "/a", ""},
		{"/a?b=c?d", "/a", "b=c?d"}, {"/%61%2541", "/a%41", ""}, {"/a?%zz", "/a", "%zz"},
		{"/.a/..b/c.", "/.a/..b/c.", ""}, {"/...", "/...", ""}, {"/a%20b", "/a b", ""},
		{"/%E0%B8%81", "/\xe0\xb8\x81", ""}, {"*", "*", ""}, {"/?u=//../", "/", "u=//../"},
		{"http://h/a?b", "/a", "b"}, {"HTTPS://h:1", "/", ""}, {"http://h?b", "/", "b"}};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *path = NULL, *query = NULL;
		assert_int_equal(
			http_parse_target(*state, rows[i].target, &path, &query).status, 0);
		assert_string_equal(path, rows[i].path);
		assert_string_equal(query, rows[i].query);
	}
}

static void refuses_targets(void **state)
{
	static const char *const bad[] = {"", "a", "?a", "//a", "/a//b", "/a//", "/./a", "/a/.",
		"/..", "/a/../b", "/%2e%2E/a", "/%2e", "/a%2fb", "/a\\b", "/a%5Cb", "/a%", "/a%4",
		"/a%4g", "/a%?b", "/a%00", "/a?b%00", "/a?%00", "/a%0ab", "/a%7f", "/a#b", "/a b",
		"/a\tb", "/\xc3\xa9", "/%c3", "/%ff", "/a\x7f", "**", "ftp://h/a", "http:///a",
		"http://", "http://u@h/a", "http://h\\a", "a:1"};
	for (size_t i = 0; i < COUNT(bad); i++) {
		const char *path = NULL, *query = NULL;
		assert_int_equal(http_parse_target(*state, bad[i], &path, &query).status, 400);
		assert_null(path);
		assert_null(query);
	}
}

static void refuses_more_parameters_than_are_read(void **state)
{
	struct buf target = buf_new(*state);
	const char *path = NULL, *query = NULL;
	buf_puts(&target, "/a?&&");
	for (int i = 0; i < PARAMS_MAX; i++)
		buf_puts(&target, "b&&");
	assert_int_equal(http_parse_target(*state, target.text, &path, &query).status, 0);
	buf_puts(&target, "b");
	assert_int_equal(http_parse_target(*state, target.text, &path, &query).status, 400);
}

static void finds_cookies(void **state)
{
	static const struct {
		const char *header, *value;
	} rows[] = {{NULL, NULL}, {"", NULL}, {"a=1", "1"}, {"b=2; a=1", "1"}, {"a=", ""},
		{"a=1;a=1", "1"}, {"a=1; a=2", NULL}, {"a=1; A=2", "1"}, {"aa=1; xa=2", NULL},
		{"a", NULL}, {"a; a=1", "1"}, {" a=1 ;b", "1"}, {"a=x=y", "x=y"},
		{"a=\"1\"", "\"1\""}, {"a =1", NULL}, {";;a=1;;", "1"}, {"=1; a=2", "2"}};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *value = http_parse_cookie(*state, rows[i].header, "a");
		if (rows[i].value == NULL)
			assert_null(value);
		else
			assert_string_equal(value, rows[i].value);
	}
}

static void knows_which_codings_are_accepted(void **state)
{
	static const struct {
		const char *header;
		bool accepts;
	} rows[] = {{NULL, false}, {"", false}, {"gzip", true}, {"GZIP", true}, {"br, gzip", true},
		{"deflate,gzip;q=0.5", true}, {"gzip;q=0", false}, {"gzip; q=0.000", false},
		{"gzip ;q=0.001", true}, {"*", true}, {"*;q=0", false}, {"*, gzip;q=0", false},
		{"gzip;q=0, *", false}, {"identity", false}, {"xgzip", false}, {"gzipx", false},
		{"gzip;q=1.0", true}};
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(
			http_parse_accepts(*state, rows[i].header, "gzip"), rows[i].accepts);
}

static void counts_the_pairs_of_a_query(void **state)
{
	const char *path = NULL, *query = NULL;
	struct buf target = buf_new(*state);
	buf_puts(&target, "/a?&&");
	for (int i = 0; i < PARAMS_MAX; i++)
		buf_puts(&target, "a=b&&");
	assert_int_equal(http_parse_target(*state, target.text, &path, &query).status, 0);
	buf_puts(&target, "c");
	const struct http_refusal refused = http_parse_target(*state, target.text, &path, &query);
	assert_int_equal(refused.status, 400);
	assert_string_equal(refused.reason, "too_many_parameters");
}

static void believes_only_trusted_proxies(void **state)
{
	static const struct {
		const char *peer, *trusted, *forwarded, *address;
	} rows[] = {{"10.0.0.1", "", "1.2.3.4", "10.0.0.1"},
		{"10.0.0.1", "10.0.0.2", "1.2.3.4", "10.0.0.1"},
		{"10.0.0.1", "10.0.0.1", "1.2.3.4", "1.2.3.4"},
		{"10.0.0.1", "10.0.0.1", "", "10.0.0.1"},
		{"10.0.0.1", "10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"},
		{"10.0.0.1", "10.0.0.2 10.0.0.1", "6.6.6.6,1.2.3.4 , 10.0.0.2", "1.2.3.4"},
		{"10.0.0.1", "10.0.0.1", "1.2.3.4, unknown", "10.0.0.1"},
		{"10.0.0.1", "10.0.0.1 10.0.0.2", "unknown, 10.0.0.2", "10.0.0.2"},
		{"10.0.0.1", "10.0.0.1", "1.2.3.4:5678", "1.2.3.4"},
		{"10.0.0.1", "10.0.0.1", "[2001:DB8::1]:80", "2001:db8::1"},
		{"10.0.0.1", "10.0.0.1", "::ffff:1.2.3.4", "1.2.3.4"},
		{"2001:db8::1", "2001:db8:0::1", "1.2.3.4", "1.2.3.4"},
		{"10.0.0.1", "10.0.0.1", "1.2.3.4' OR 1", "10.0.0.1"}};
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(http_parse_forwarded(*state, rows[i].peer, rows[i].trusted,
					    rows[i].forwarded),
			rows[i].address);
}

/* RFC 5952 s4. */
static void writes_addresses_in_one_way(void **state)
{
	assert_string_equal(http_parse_address(*state, "2001:0DB8:0:0:0:0:0:1"), "2001:db8::1");
	assert_string_equal(http_parse_address(*state, "127.0.0.1"), "127.0.0.1");
	assert_null(http_parse_address(*state, ""));
	assert_null(http_parse_address(*state, "127.0.0.01"));
	assert_null(http_parse_address(*state, "localhost"));
	assert_null(http_parse_address(*state, "fe80::1%eth0"));
}

static void knows_a_form(void **state)
{
	(void)state;
	assert_true(http_parse_is_form("application/x-www-form-urlencoded"));
	assert_true(http_parse_is_form("Application/X-WWW-Form-URLencoded;charset=utf-8"));
	assert_true(http_parse_is_form("application/x-www-form-urlencoded ; charset=utf-8"));
	assert_false(http_parse_is_form("application/x-www-form-urlencodedx"));
	assert_false(http_parse_is_form("multipart/form-data"));
	assert_false(http_parse_is_form(""));
	assert_false(http_parse_is_form(NULL));
}

#define cmocka_unit_test_arena(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_arena(takes_targets),
		cmocka_unit_test_arena(refuses_targets),
		cmocka_unit_test_arena(refuses_more_parameters_than_are_read),
		cmocka_unit_test_arena(finds_cookies),
		cmocka_unit_test_arena(believes_only_trusted_proxies),
		cmocka_unit_test_arena(writes_addresses_in_one_way),
		cmocka_unit_test_arena(knows_a_form),
		cmocka_unit_test_arena(knows_which_codings_are_accepted),
		cmocka_unit_test_arena(counts_the_pairs_of_a_query),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
