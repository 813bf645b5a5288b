/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/oidc.h"
#include "oidc/uri.h"

static void takes_uris_apart(void **state)
{
	static const struct {
		const char *text, *scheme, *host;
		int port;
		bool userinfo, fragment, web;
	} rows[] = {
		{"https://rp.example/cb?a=b", "https", "rp.example", -1, false, false, true},
		{"HTTPS://RP.Example:8443", "https", "rp.example", 8443, false, false, true},
		{"http://localhost:9001/cb", "http", "localhost", 9001, false, false, true},
		{"http://127.0.0.1/", "http", "127.0.0.1", -1, false, false, true},
		{"http://[::1]:80/cb", "http", "[::1]", 80, false, false, true},
		{"http://rp.example/cb", "http", "rp.example", -1, false, false, false},
		{"http://localhost.evil.example/", "http", "localhost.evil.example", -1, false,
			false, false},
		{"https://localhost@evil.example/", "https", "evil.example", -1, true, false, true},
		{"https://rp.example/cb#x", "https", "rp.example", -1, false, true, true},
		{"th.go.rd:/cb", "th.go.rd", "", -1, false, false, false},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct uri uri;
		assert_true(uri_parse(*state, rows[i].text, &uri));
		assert_string_equal(uri.scheme, rows[i].scheme);
		assert_string_equal(uri.host, rows[i].host);
		assert_int_equal(uri.port, rows[i].port);
		assert_int_equal(uri.has_userinfo, rows[i].userinfo);
		assert_int_equal(uri.has_fragment, rows[i].fragment);
		assert_int_equal(uri_is_web(&uri), rows[i].web);
	}
}

static void refuses_what_is_no_absolute_uri(void **state)
{
	static const char *const rows[] = {"", "/cb", "//rp.example/cb", "https:", "https://",
		"https:///cb", "https://rp.example:/", "https://rp.example:0/",
		"https://rp.example:65536/", "https://rp.example:12x/", "https://rp .example/",
		"https://rp.example/%zz", "https://rp.example/%2", "https://rp.example/\n",
		"https://rp.example/\"", "https://rp.example/<x>", "https://rp.example/\\x",
		"https://rp.example/ก", "https://[::1/", "https://[evil]/", "1https://rp.example/",
		"https://a%41.example/"};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct uri uri;
		if (uri_parse(*state, rows[i], &uri))
			fail_msg("%s was taken", rows[i]);
	}
	char *longest = arena_alloc(*state, URI_MAX + 2);
	memset(longest, 'a', URI_MAX + 1);
	memcpy(longest, "https://", 8);
	struct uri uri;
	assert_false(uri_parse(*state, longest, &uri));
	longest[URI_MAX] = '\0';
	assert_true(uri_parse(*state, longest, &uri));
	assert_false(uri_parse(*state, NULL, &uri));
}

static void origins_leave_the_default_port_out(void **state)
{
	static const char *const rows[][2] = {{"https://rp.example:443/x", "https://rp.example"},
		{"https://RP.example/x?y", "https://rp.example"},
		{"https://rp.example:8443/", "https://rp.example:8443"},
		{"http://localhost:80/", "http://localhost"},
		{"http://localhost:443/", "http://localhost:443"}, {"th.go.rd:/cb", "th.go.rd:"}};
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(uri_origin(*state, rows[i][0]), rows[i][1]);
	assert_null(uri_origin(*state, "null"));
}

/* RFC 8252 s7.3: any port, and nothing else that is another. */
static void loopback_alike_but_for_the_port(void **state)
{
	(void)state;
	static const struct {
		const char *one, *other;
		bool alike;
	} rows[] = {
		{"http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", true},
		{"http://127.0.0.1:7777/cb?a=b", "http://127.0.0.1:51004/cb?a=b", true},
		{"http://127.0.0.1:7777/cb", "http://127.0.0.1/cb", true},
		{"http://[::1]/cb", "http://[::1]:65535/cb", true},
		{"http://localhost/cb", "http://localhost:1/cb", true},
		{"http://127.0.0.1", "http://127.0.0.1:1", true},
		{"http://127.0.0.1/cb", "http://localhost:51004/cb", false},
		{"http://127.0.0.1/cb", "http://127.0.0.1:51004/other", false},
		{"http://127.0.0.1/cb", "http://127.0.0.1:51004/cb?more", false},
		{"http://127.0.0.1/cb", "http://127.0.0.1:0/cb", false},
		{"http://127.0.0.1/cb", "http://127.0.0.1:65536/cb", false},
		{"http://127.0.0.1/cb", "http://127.0.0.1:/cb", false},
		{"http://127.0.0.1/cb", "http://127.0.0.1:80@evil.example/cb", false},
		{"http://127.0.0.1/cb", "http://127.0.0.1.evil.example/cb", false},
		{"http://127.0.0.1/cb", "http://127.0.0.1:1.evil.example/cb", false},
		{"http://127.0.0.1/cb", "http://127.0.0.10/cb", false},
		{"http://127.0.0.1/cb", "https://127.0.0.1:51004/cb", false},
		{"http://127.0.0.1/cb", "HTTP://127.0.0.1:51004/cb", false},
		{"https://127.0.0.1/cb", "https://127.0.0.1:51004/cb", false},
		{"http://rp.example/cb", "http://rp.example:8080/cb", false},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (uri_is_loopback_alike(rows[i].one, rows[i].other) != rows[i].alike)
			fail_msg("%s %s", rows[i].one, rows[i].other);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(takes_uris_apart, oidc_setup, oidc_teardown),
		cmocka_unit_test(loopback_alike_but_for_the_port),
		cmocka_unit_test_setup_teardown(
			refuses_what_is_no_absolute_uri, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			origins_leave_the_default_port_out, oidc_setup, oidc_teardown),
	};
	return cmocka_run_group_tests_name("oidc/uri", tests, NULL, NULL);
}
