/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/courier/mime.h"
#include "idp/base/str.h"

#define THAI "รหัสเข้าสู่ระบบกรมสรรพสามิตและกรมศุลกากร"

static const struct mime plain = {
	.message_id = "01932b1e-0000-7000-8000-000000000001",
	.from_name = "Pratu",
	.from = "no-reply@login.example",
	.to = "somchai@example.th",
	.subject = "Your code",
	.body = "one\n.\ntwo",
	.language = "en",
	.now_s = 1795305600,
};

static void a_plain_mail(void **state)
{
	struct arena *const arena = arena_new();
	(void)state;
	assert_string_equal(mime_mail(arena, &plain),
		"Date: Sun, 22 Nov 2026 00:00:00 +0000\r\n"
		"From: Pratu\r\n <no-reply@login.example>\r\n"
		"To: <somchai@example.th>\r\n"
		"Subject: Your code\r\n"
		"Message-ID: <01932b1e-0000-7000-8000-000000000001@login.example>\r\n"
		"Content-Language: en\r\n"
		"Auto-Submitted: auto-generated\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: 7bit\r\n\r\n"
		"one\r\n.\r\ntwo\r\n");
	arena_free(arena);
}

/* RFC 2047 s2: an encoded word has at most 75 characters, RFC 2045 s6.8: a line of base64 76. */
static void text_beyond_ascii_is_encoded(void **state)
{
	struct arena *const arena = arena_new();
	struct mime mime = plain;
	(void)state;
	mime.from_name = mime.subject = mime.body = THAI THAI;
	const char *const mail = mime_mail(arena, &mime);
	const struct str_list lines = str_split(arena, mail, '\n');
	for (size_t i = 0; i < lines.n; i++)
		assert_true(strlen(lines.items[i]) <= 78);
	for (const char *c = mail; *c; c++)
		assert_true(*c == '\r' || *c == '\n' || (*c >= ' ' && *c <= '~'));
	assert_non_null(strstr(mail, "Subject: =?UTF-8?B?4Lij4Lir4Lix4Liq"));
	assert_non_null(strstr(mail, "?=\r\n =?UTF-8?B?"));
	assert_non_null(strstr(mail, "Content-Transfer-Encoding: base64\r\n\r\n4Lij4Lir4Lix4Liq"));
	arena_free(arena);
}

static void nothing_that_was_given_becomes_a_header(void **state)
{
	static const char *const hostile[] = {"x\r\nBcc: victim@example.th", "x\nBcc y", "a\rb",
		"\"quoted\" <b@c.example>", "=?UTF-8?B?eA==?="};
	struct arena *const arena = arena_new();
	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++) {
		struct mime mime = plain;
		mime.from_name = mime.subject = hostile[i];
		const char *const mail = mime_mail(arena, &mime);
		assert_null(strstr(mail, "Bcc"));
		assert_null(strstr(mail, "quoted"));
		assert_null(strstr(mail, "eA=="));
	}
	arena_free(arena);
}

static void an_address_is_one_address(void **state)
{
	/* The last: of every character that otp/target.h takes. */
	static const char *const good[] = {
		"a@b", "somchai.j+tax@mail.example.go.th", "!#$%&'*+-/=?^_`{|}~.0aZ@x-1.example"};
	static const char *const bad[] = {"", "a", "@b", "a@", "a@b@c", "a b@c", "a@b,c@d", "<a@b>",
		"a@b\r\nc", "\"a b\"@c", "ก@b.example", "a@b>", "a;b@c"};
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(mime_address_valid(good[i]));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(mime_address_valid(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_mail),
		cmocka_unit_test(text_beyond_ascii_is_encoded),
		cmocka_unit_test(nothing_that_was_given_becomes_a_header),
		cmocka_unit_test(an_address_is_one_address),
	};
	return cmocka_run_group_tests_name("courier/mime", tests, NULL, NULL);
}
