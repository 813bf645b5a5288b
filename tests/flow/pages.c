/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of a sign-in tell a citizen, with a clock held by the test and without a database
 * or a vault: what would ask one of them fails. */
#include "tests/flow/signin_world.h"
#include <unistd.h>

/* The page that a form leads to, in English; the code of the form's answer. */
static const char *answered(struct world *w, const char *t, const char *form)
{
	assert_int_equal(
		post(w, "/signin/password", arena_printf(w->arena, "%s&%s", t, form)), 303);
	const char *next = location(w) + strlen("/signin?");
	assert_int_equal(get(w, "/signin", next), 200);
	return next;
}

/* Whoever exists: nobody is asked, and the vault is not there to be asked. */
static void a_wrong_check_digit_is_told_at_once(void **state)
{
	struct world *w = *state;
	static const char *const spellings[] = {"1101700230709", "1-1017-00230-70-9",
		"%E0%B9%91101700230709", "%EF%BC%91101700230709", "1101%E2%80%8B700230709"};
	const char *t = begun(w, QUERY);
	for (size_t i = 0; i < COUNT(spellings); i++) {
		(void)answered(w, t, arena_printf(w->arena, "login=%s&password=x", spellings[i]));
		assert_true(shows(w, "href=\"#login\">เลขประจำตัวประชาชนไม่ถูกต้อง"));
		assert_true(shows(w, "id=\"login-error\""));
		assert_false(shows(w, "id=\"password-error\""));
	}
	(void)answered(w, t, "login=1101700230709");
	assert_true(shows(w, "id=\"login-error\""));
	assert_true(shows(w, "id=\"password-error\""));
	/* A good number is for the vault to judge, and so is what only looks like one. */
	static const char *const judged[] = {"1101700230708", "110170023070", "11017002307099"};
	for (size_t i = 0; i < COUNT(judged); i++)
		assert_int_equal(
			post(w, "/signin/password",
				arena_printf(w->arena, "%s&login=%s&password=x", t, judged[i])),
			503);
}

/* An error is the vault's, which is not there; a refusal is ours. */
static void a_code_is_read_however_it_is_written(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *form;
		enum err err;
	} rows[] = {
		{"code=123456", ERR_VAULT},
		{"code=%E0%B9%91%E0%B9%92%E0%B9%93%E0%B9%94%E0%B9%95%E0%B9%96", ERR_VAULT},
		{"code=%EF%BC%91%EF%BC%92%EF%BC%93%E3%80%80%EF%BC%94%EF%BC%95%EF%BC%96", ERR_VAULT},
		{"code=123%E2%80%93456%E2%80%8B%0D%0A", ERR_VAULT},
		{"code=", ERR_NONE},
		{"code=%E2%80%8B", ERR_NONE},
		{"code=12345%3A", ERR_NONE},
		{"code=12345678901234567", ERR_NONE},
		{"other=1", ERR_NONE},
	};
	AUTO_FLOW struct flow *flow = NULL;
	const char *t = begun(w, QUERY);
	assert_ok(flow_open(&w->help.ctx, t + strlen("t="), &flow));
	json_put(flow->transaction.stage, "partial", "p");
	for (size_t i = 0; i < COUNT(rows); i++) {
		w->help.response = (struct http_response){0};
		(void)params_parse(
			w->arena, rows[i].form, strlen(rows[i].form), &w->help.request.form);
		assert_ok(flow_judge(&w->help.ctx, flow));
		assert_int_equal(step_factor.take(&w->help.ctx, flow).err, rows[i].err);
	}
}

/* The password step's form fails, since there is no vault: nothing is lost but what was typed. */
static void a_failure_in_a_sign_in_offers_to_try_again(void **state)
{
	struct world *w = *state;
	const char *t = begun(w, QUERY);
	const char *link = arena_printf(w->arena, "href=\"/signin?%s\"", t);
	assert_int_equal(
		post(w, "/signin/password", arena_printf(w->arena, "%s&login=a12&password=y", t)),
		503);
	assert_true(shows(w, link));
	assert_true(shows(w, "ลองใหม่อีกครั้ง"));
	assert_int_equal(get(w, "/signin", t), 200);
	/* A full lane answers before any endpoint. */
	dispatch_refuse(&w->help.ctx, 503, "full");
	assert_non_null(strstr(w->help.response.body, link));
	(void)post(w, "/signin/password", "t=%22%3E%0D%0A%3Cb%3E&login=a12&password=y");
	dispatch_refuse(&w->help.ctx, 503, "full");
	assert_false(shows(w, "<b>"));
	(void)post(w, "/session/end", arena_printf(w->arena, "%s&which=this", t));
	assert_false(shows(w, "/signin?"));
}

static void a_wait_counts_down_without_a_script(void **state)
{
	struct world *w = *state;
	static const char *const odd[] = {"", "s=", "s=0", "s=3601", "s=99999", "s=1;}", "s=-1"};
	AUTO_FLOW struct flow *flow = NULL;
	const char *t = begun(w, QUERY);
	assert_ok(flow_open(&w->help.ctx, t + strlen("t="), &flow));
	assert_ok(flow_judge(&w->help.ctx, flow));
	w->help.response = (struct http_response){0};
	assert_ok(signin_again(&w->help.ctx, flow, "password_wait", 1));
	assert_int_equal(get(w, "/signin", location(w) + strlen("/signin?")), 429);
	assert_true(shows(w, "href=\"/wait.css?s=1\""));
	assert_true(shows(w, "<strong>1 วินาที</strong>"));
	assert_int_equal(get(w, "/wait.css", "s=1"), 200);
	assert_true(shows(w, "@keyframes wait{from{--t:1}to{--t:0}}"));
	assert_true(shows(w, ".resend>.later,.resend>.soon{grid-area:1/1"));
	for (size_t i = 0; i < COUNT(odd); i++)
		assert_int_equal(get(w, "/wait.css", odd[i]), 404);
}

/* Nothing wrong was entered where too many codes were asked for. */
static void a_wait_for_a_message_blames_nobody(void **state)
{
	struct world *w = *state;
	AUTO_FLOW struct flow *flow = NULL;
	const char *t = begun(w, QUERY);
	assert_ok(flow_open(&w->help.ctx, t + strlen("t="), &flow));
	assert_ok(flow_judge(&w->help.ctx, flow));
	json_put(flow->transaction.stage, "partial", "p");
	json_object_set_new(flow->transaction.stage, "ways",
		json_pack("[[s,s,s,b]]", "sms", "urn:pratu:loa:2", "1234", 1));
	w->help.response = (struct http_response){0};
	assert_ok(signin_again(&w->help.ctx, flow, "send_wait", 30));
	assert_int_equal(get(w, "/signin", location(w) + strlen("/signin?")), 429);
	assert_true(shows(w, "ท่านขอรหัสใหม่ได้ในอีก <strong>30 วินาที</strong>"));
	assert_false(shows(w, "ไม่ถูกต้อง"));
}

/* ---- what is there for everybody */

static void who_runs_the_service_stands_on_its_pages(void **state)
{
	struct world *w = *state;
	struct settings *settings = &w->help.settings;
	assert_int_equal(get(w, "/help", ""), 200);
	assert_false(shows(w, "class=\"operator\""));
	assert_false(shows(w, "/seal"));
	settings->operator_th = "กรม & กอง";
	settings->operator_en = "The Office";
	settings->seal_file = "/nowhere/seal.svg";
	settings->change_password_url = "https://a.example/password";
	assert_int_equal(get(w, "/help", ""), 200);
	assert_true(shows(w, "<span class=\"operator\">กรม &amp; กอง</span>"));
	assert_true(shows(w, "<img class=\"seal\" src=\"/seal\""));
	assert_true(shows(w, "โทร 1111"));
	assert_true(shows(w, "href=\"https://a.example/password\""));
	settings->privacy_url_th = "https://a.example/th";
	settings->record_retention_days = 90;
	assert_int_equal(get(w, "/privacy", ""), 200);
	assert_true(shows(w, "href=\"https://a.example/th\""));
	assert_true(shows(w, "90 วัน"));
	assert_true(shows(w, "12 ชั่วโมง"));
	assert_true(shows(w, "href=\"/help\""));
}

static void put_file(const char *path, const char *bytes, size_t len)
{
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void the_seal_is_an_image_or_nothing(void **state)
{
	struct world *w = *state;
	static char large[65537] = "<svg";
	char path[] = "/tmp/pratu-seal-XXXXXX";
	assert_int_equal(get(w, "/seal", ""), 404);
	assert_int_equal(close(mkstemp(path)), 0);
	w->help.settings.seal_file = path;
	put_file(path, "<svg/>", 6);
	assert_int_equal(get(w, "/seal", ""), 200);
	assert_string_equal(help_answer(&w->help, "Content-Type", 0), "image/svg+xml");
	assert_string_equal(help_answer(&w->help, "Content-Security-Policy", 0),
		"default-src 'none'; frame-ancestors 'none'");
	put_file(path, "\x89PNG\r\n\x1a\n...", 11);
	assert_int_equal(get(w, "/seal", ""), 200);
	assert_string_equal(help_answer(&w->help, "Content-Type", 0), "image/png");
	put_file(path, "<html>", 6);
	assert_int_equal(get(w, "/seal", ""), 404);
	put_file(path, large, sizeof large);
	assert_int_equal(get(w, "/seal", ""), 404);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(get(w, "/seal", ""), 404);
}

static void programs_find_what_they_look_for(void **state)
{
	struct world *w = *state;
	assert_int_equal(get(w, "/robots.txt", ""), 200);
	assert_string_equal(w->help.response.body, "User-agent: *\nDisallow: /\n");
	assert_int_equal(get(w, "/favicon.ico", ""), 200);
	assert_true(str_starts(w->help.response.body, "<svg "));
	assert_int_equal(get(w, "/.well-known/change-password", ""), 303);
	assert_string_equal(location(w), "/help#password");
	w->help.settings.change_password_url = "https://a.example/password";
	assert_int_equal(get(w, "/.well-known/change-password", ""), 303);
	assert_string_equal(location(w), "https://a.example/password");
	assert_int_equal(get(w, "/.well-known/security.txt", ""), 404);
	w->help.settings.security_contact = "mailto:s@a.example";
	assert_int_equal(get(w, "/.well-known/security.txt", ""), 200);
	/* HELP_NOW_S is 2024-12-31; 90 days later. */
	assert_string_equal(w->help.response.body,
		"Contact: mailto:s@a.example\nExpires: 2025-03-31T00:00:00Z\n"
		"Preferred-Languages: th, en\n"
		"Canonical: https://pratu.example/.well-known/security.txt\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_wrong_check_digit_is_told_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_code_is_read_however_it_is_written, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_failure_in_a_sign_in_offers_to_try_again, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_wait_counts_down_without_a_script, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_wait_for_a_message_blames_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(
			who_runs_the_service_stands_on_its_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(the_seal_is_an_image_or_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(programs_find_what_they_look_for, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
