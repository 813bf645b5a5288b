/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/web_help.h"
#include "idp/base/crypto.h"
#include "idp/page/cookie.h"
#include "idp/web/session.h"

static const char TOKEN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP_";

static void a_cookie_has_every_flag(void **state)
{
	struct help help;

	(void)state;
	help_open(&help);
	cookie_set(&help.ctx, SESSION_COOKIE, TOKEN, COOKIE_SESSION);
	cookie_set(&help.ctx, DEVICE_COOKIE, TOKEN, COOKIE_DAY_S);
	session_forget_cookie(&help.ctx);
	assert_string_equal(help_answer(&help, "Set-Cookie", 0),
		"__Host-session=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP_; Path=/; Secure; "
		"HttpOnly; SameSite=Lax");
	assert_string_equal(help_answer(&help, "Set-Cookie", 1),
		"__Host-device=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP_; Path=/; Secure; "
		"HttpOnly; SameSite=Lax; Max-Age=86400");
	assert_string_equal(help_answer(&help, "Set-Cookie", 2),
		"__Host-session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
	help_close(&help);
}

static void a_device_is_made_once(void **state)
{
	struct help help;
	const char *device = NULL;

	(void)state;
	help_open(&help);
	device = device_cookie(&help.ctx);
	assert_int_equal(strlen(device), RNG_OPAQUE_LEN);
	assert_string_equal(device_cookie(&help.ctx), device);
	assert_memory_equal(
		device_hash(&help.ctx), crypto_sha256_text(help.ctx.arena, device), SHA256_LEN);
	assert_non_null(strstr(help_answer(&help, "Set-Cookie", 0), device));
	assert_non_null(strstr(help_answer(&help, "Set-Cookie", 0), "Max-Age=34560000"));
	assert_null(help_answer(&help, "Set-Cookie", 1));
	help_close(&help);
}

static void a_known_device_is_kept(void **state)
{
	struct help help;

	(void)state;
	help_open(&help);
	help_header(&help, "Cookie", "__Host-device=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP_");
	assert_string_equal(device_cookie(&help.ctx), TOKEN);
	assert_null(help_answer(&help, "Set-Cookie", 0));
	help_close(&help);
}

static void what_is_no_cookie_of_ours_is_none(void **state)
{
	static const char *const bad[] = {"__Host-session=", "__Host-session=short",
		"__Host-session=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP_x",
		"__Host-session=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP.",
		"session=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP_",
		"__Host-session=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP_; "
		"__Host-session=Zbcdefghijklmnopqrstuvwxyzabcdefghijklmnop_"};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct help help;
		help_open(&help);
		help_header(&help, "Cookie", bad[i]);
		assert_null(session_token_hash(&help.ctx));
		help_close(&help);
	}
}

static void a_session_is_named_by_its_hash(void **state)
{
	struct help help;

	(void)state;
	help_open(&help);
	help_header(
		&help, "Cookie", "a=b; __Host-session=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP_");
	assert_memory_equal(session_token_hash(&help.ctx),
		crypto_sha256_text(help.ctx.arena, TOKEN), SHA256_LEN);
	help_close(&help);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cookie_has_every_flag),
		cmocka_unit_test(a_device_is_made_once),
		cmocka_unit_test(a_known_device_is_kept),
		cmocka_unit_test(what_is_no_cookie_of_ours_is_none),
		cmocka_unit_test(a_session_is_named_by_its_hash),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
