/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/str.h"
#include "idp/vault/code_text.h"
#include <string.h>

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct code_text text_of(const char *agency, bool thai)
{
	return (struct code_text){.code = "012345",
		.thai = thai,
		.agency = agency,
		.service = thai ? "ประตู" : "Pratu",
		.issuer = "https://login.example:8443"};
}

static const char *sms(const char *agency, bool thai)
{
	const struct code_text text = text_of(agency, thai);
	return code_text_sms(arena, &text);
}

static size_t characters(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/* https://wicg.github.io/sms-one-time-codes: the last line, the host without a port. */
static void a_message_names_code_agency_and_origin(void **state)
{
	(void)state;
	assert_string_equal(sms("Excise Department", false),
		"012345 is your code to sign in to Excise Department. Never tell it to anyone.\n"
		"@login.example #012345");
	assert_string_equal(sms("กรมสรรพสามิต", true),
		"012345 คือรหัสเข้าสู่ระบบ กรมสรรพสามิต ห้ามบอกรหัสนี้แก่ผู้ใด\n"
		"@login.example #012345");
	assert_non_null(strstr(sms(NULL, false), "sign in to Pratu."));
	assert_non_null(strstr(sms("", true), "เข้าสู่ระบบ ประตู "));
}

static void a_name_adds_no_line_and_no_slot_of_its_own(void **state)
{
	(void)state;
	const char *made = sms("Tax\n@evil.example #666666\r\xe2\x80\xae", false);
	assert_non_null(strstr(made, "sign in to Tax @evil.example #666666  ."));
	assert_ptr_equal(strchr(made, '\n'), strrchr(made, '\n'));
	assert_string_equal(strchr(made, '\n'), "\n@login.example #012345");
	assert_non_null(strstr(sms("{code} {host}", false), "sign in to {code} {host}."));
}

static void a_message_has_two_parts_at_most(void **state)
{
	(void)state;
	char long_name[601] = {0};
	for (size_t i = 0; i + 3 <= 600; i += 3)
		memcpy(long_name + i, "ก", 3);
	const char *made = sms(long_name, true);
	assert_int_equal(characters(made), CODE_TEXT_SMS_WIDE);
	assert_non_null(strstr(made, "... ห้ามบอก"));
	assert_true(str_utf8_valid(made, strlen(made)));
	memset(long_name, 'x', 600);
	made = sms(long_name, false);
	assert_int_equal(strlen(made), CODE_TEXT_SMS_PLAIN);
	assert_string_equal(strchr(made, '\n'), "\n@login.example #012345");
	/* Of these GSM's alphabet makes two septets each; and this one makes it UCS-2. */
	memset(long_name, '[', 600);
	assert_true(strlen(sms(long_name, false)) < CODE_TEXT_SMS_PLAIN - 90);
	long_name[0] = '`';
	assert_int_equal(strlen(sms(long_name, false)), CODE_TEXT_SMS_WIDE);
}

static void mail_has_a_subject_without_the_code(void **state)
{
	struct outbox_text mail = {0};
	(void)state;
	for (int thai = 0; thai < 2; thai++) {
		const struct code_text text = text_of("Tax", thai);
		code_text_mail(arena, &text, &mail);
		assert_null(strstr(mail.subject, "012345"));
		assert_non_null(strstr(mail.subject, "Tax"));
		assert_true(str_starts(mail.body, "012345 "));
		assert_non_null(strstr(mail.body, "\n@login.example #012345\n"));
		assert_null(strstr(mail.body, "://"));
		assert_null(strchr(mail.body, '{'));
	}
}

static void a_host_is_taken_out_of_any_issuer(void **state)
{
	struct code_text text = text_of("Tax", false);
	(void)state;
	text.issuer = "https://login.example";
	assert_non_null(strstr(code_text_sms(arena, &text), "\n@login.example #"));
	text.issuer = "https://[::1]:8443";
	assert_non_null(strstr(code_text_sms(arena, &text), "\n@[::1] #"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_message_names_code_agency_and_origin, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_name_adds_no_line_and_no_slot_of_its_own, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_message_has_two_parts_at_most, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			mail_has_a_subject_without_the_code, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_host_is_taken_out_of_any_issuer, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("idp/vault/code_text", tests, NULL, NULL);
}
