/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/web_help.h"
#include "idp/base/crypto.h"
#include "idp/base/handle.h"
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

/* After a sign-in the browser has a new value, and for a while the former one beside it. */
static void a_device_gets_a_new_value(void **state)
{
	struct help help;

	(void)state;
	help_open(&help);
	help_header(&help, "Cookie", "__Host-device=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP_");
	const uint8_t *next = device_next_hash(&help.ctx);
	assert_memory_equal(device_next_hash(&help.ctx), next, SHA256_LEN);
	assert_null(device_was_hash(&help.ctx));
	device_renew(&help.ctx);
	assert_string_not_equal(device_cookie(&help.ctx), TOKEN);
	assert_memory_equal(device_hash(&help.ctx), next, SHA256_LEN);
	assert_non_null(strstr(help_answer(&help, "Set-Cookie", 0), device_cookie(&help.ctx)));
	assert_non_null(strstr(help_answer(&help, "Set-Cookie", 1),
		"__Host-device-was=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP_; "));
	assert_non_null(strstr(help_answer(&help, "Set-Cookie", 1), "Max-Age=900"));
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
		const struct session *session = NULL;
		help_open(&help);
		help_header(&help, "Cookie", bad[i]);
		assert_null(session_cookie(&help.ctx).token_hash.data);
		/* There is no database here: nothing is asked of one. */
		assert_ok(session_load(&help.ctx, "c", &session));
		assert_null(session);
		help_close(&help);
	}
}

/* A cookie of an earlier release names no time: all of it is looked through. */
static void a_session_is_named_by_its_hash_and_time(void **state)
{
	struct help help;

	(void)state;
	help_open(&help);
	const char *handle = handle_new(&help.ctx.rng, help.ctx.arena, help.ctx.now_ms);
	help_header(
		&help, "Cookie", arena_printf(help.ctx.arena, "a=b; __Host-session=%s", handle));
	const struct session_cookie cookie = session_cookie(&help.ctx);
	assert_memory_equal(
		cookie.token_hash.data, crypto_sha256_text(help.ctx.arena, handle), SHA256_LEN);
	assert_int_equal(cookie.span.from_ms, help.ctx.now_ms);
	assert_int_equal(cookie.span.until_ms, help.ctx.now_ms + 1);
	help.headers[0].value = arena_printf(help.ctx.arena, "__Host-session=%s", TOKEN);
	assert_int_equal(session_cookie(&help.ctx).span.from_ms, 0);
	help_close(&help);
}

static void consent_is_read_as_it_was_stored(void **state)
{
	struct arena *arena = arena_new();
	struct session_consent consent;

	(void)state;
	assert_ok(session_consent_read(
		arena, "openid email", "[\"national_id\"]", "[\"email\",7]", &consent));
	assert_int_equal(consent.scope.n, 2);
	assert_string_equal(consent.claims.items[0], "national_id");
	assert_true(consent.shown_known);
	assert_int_equal(consent.shown.n, 1);
	assert_ok(session_consent_read(arena, NULL, NULL, NULL, &consent));
	assert_false(consent.shown_known);
	assert_int_equal(consent.scope.n, 0);
	assert_int_equal(session_consent_read(arena, "a", "[", NULL, &consent).err, ERR_FORMAT);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cookie_has_every_flag),
		cmocka_unit_test(a_device_is_made_once),
		cmocka_unit_test(a_known_device_is_kept),
		cmocka_unit_test(what_is_no_cookie_of_ours_is_none),
		cmocka_unit_test(a_session_is_named_by_its_hash_and_time),
		cmocka_unit_test(a_device_gets_a_new_value),
		cmocka_unit_test(consent_is_read_as_it_was_stored),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
