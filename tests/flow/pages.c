/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of a sign-in tell a citizen, with a clock held by the test and without a database
 * or a vault: what would ask one of them fails. */
#include "tests/flow/signin_world.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_wrong_check_digit_is_told_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_code_is_read_however_it_is_written, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
