/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/str.h"
#include "otp/target.h"

struct row {
	const char *text, *expected; /* NULL: refused */
};

static void check(const struct row *rows, size_t n,
	const char *(*read)(struct arena *arena, const char *text))
{
	struct arena *arena = arena_new();
	for (size_t i = 0; i < n; i++) {
		const char *const got = read(arena, rows[i].text);
		if (!str_eq(got, rows[i].expected))
			print_error("%s: %s\n", rows[i].text, got ? got : "refused");
		assert_true(str_eq(got, rows[i].expected));
	}
	arena_free(arena);
}

static void numbers_have_one_form(void **state)
{
	static const struct row rows[] = {
		{"+66812345678", "+66812345678"},
		{"081 234 5678", "+66812345678"},
		{"081-234-5678", "+66812345678"},
		{"๐๘๑ ๒๓๔ ๕๖๗๘", "+66812345678"},
		{"+66 (0)81 234 5678", "+66812345678"},
		{"0066 81.234.5678", "+66812345678"},
		{"\xe2\x80\xaa+66 6 1234 5678\xe2\x80\xac", "+66612345678"},
		{"+4479 4600 0000", "+447946000000"},
		{"+123456789012345", "+123456789012345"},
		{"", NULL},
		{"0", NULL},
		{"+", NULL},
		{"021234567", NULL}, /* of Bangkok, no mobile one */
		{"+66212345678", NULL},
		{"08123456789", NULL},
		{"0812345", NULL},
		{"812345678", NULL},
		{"+0812345678", NULL},
		{"+1234567", NULL},
		{"+1234567890123456", NULL},
		{"+6681234567x", NULL},
		{"+66812345678\r\nx", NULL},
		{"+668123456\xff", NULL},
	};
	(void)state;
	check(rows, COUNT(rows), target_number);
}

static void mailboxes_have_one_form(void **state)
{
	static const struct row rows[] = {
		{"somchai@mail.example", "somchai@mail.example"},
		{"  Som.Chai+tax@Mail.EXAMPLE ", "Som.Chai+tax@mail.example"},
		{"a@b.c", "a@b.c"},
		{"", NULL},
		{"@", NULL},
		{"somchai", NULL},
		{"@mail.example", NULL},
		{"somchai@", NULL},
		{"somchai@mail", NULL},
		{"a b@mail.example", NULL},
		{"a@mail.example b", NULL},
		{"a@b@mail.example", NULL},
		{".a@mail.example", NULL},
		{"a.@mail.example", NULL},
		{"a..b@mail.example", NULL},
		{"\"a\"@mail.example", NULL},
		{"a@-mail.example", NULL},
		{"a@mail-.example", NULL},
		{"a@mail..example", NULL},
		{"a@.mail.example", NULL},
		{"a@mail.example.", NULL},
		{"a@[192.0.2.1]", NULL},
		{"a\r\nBcc: x@mail.example", NULL},
		{"a@mail.example\r\nBcc:", NULL},
		{"<a@mail.example>", NULL},
		{"a,b@mail.example", NULL},
		{"สมชาย@mail.example", NULL},
		{"1234567890123456789012345678901234567890123456789012345678901234@b.c",
			"1234567890123456789012345678901234567890123456789012345678901234@b.c"},
		{"12345678901234567890123456789012345678901234567890123456789012345@b.c", NULL},
	};
	(void)state;
	check(rows, COUNT(rows), target_mailbox);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_have_one_form),
		cmocka_unit_test(mailboxes_have_one_form),
	};
	return cmocka_run_group_tests_name("otp/target", tests, NULL, NULL);
}
