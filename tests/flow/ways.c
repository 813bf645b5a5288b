/* SPDX-License-Identifier: Apache-2.0 */
/* Which step a citizen with several factors meets, and which are offered, by what the agency asks
 * for and what the session has. There is no vault: what would send a code fails. */
#include "tests/flow/signin_world.h"
#include "idp/web/send_code.h"
#include "idp/web/ways.h"

#define LOA1 "urn:pratu:loa:1"
#define LOA2 "urn:pratu:loa:2"
#define ESSENTIAL(acr) \
	"&claims=%7B%22id_token%22%3A%7B%22acr%22%3A%7B%22essential%22%3Atrue%2C%22value%22%3A%" \
	"22" acr "%22%7D%7D%7D"

static const struct signin_way mail = {"email", LOA1, "s•••@m•••.example", true},
			       sms = {"sms", LOA2, "•••• 5678", true},
			       totp = {"totp", LOA2, "", false},
			       sandbox = {"sandbox_code", LOA2, "", false};
#define MOST 4

static const struct session LOW = {.session_id = "01890000-0000-7000-8000-000000000001",
	.subject_id = "s",
	.actor_id = "s",
	.ticket = "t",
	.acr = LOA1,
	.auth_time_s = HELP_NOW_S,
	.claims = "{}"};

static struct flow *opened(struct world *w, const char *query)
{
	struct flow *flow = NULL;
	const char *t = begun(w, query);
	assert_ok(flow_open(&w->help.ctx, t + strlen("t="), &flow));
	return flow;
}

/* The first step was taken: the citizen has these. */
static void proven(struct flow *flow, const struct signin_way *const *ways)
{
	struct signin_way items[MOST];
	struct signin_password given = {.partial = "p", .ways = items};
	for (; ways[given.n_ways]; given.n_ways++)
		items[given.n_ways] = *ways[given.n_ways];
	ways_begin(flow, &given);
}

static const char *due(struct world *w, struct flow *flow)
{
	assert_ok(flow_judge(&w->help.ctx, flow));
	const struct step *step = steps_due(flow);
	return step ? step->name : "none";
}

/* The kinds that are offered, and the step. */
static const char *met(struct world *w, struct flow *flow)
{
	struct buf out = buf_new(w->arena);
	buf_puts(&out, due(w, flow));
	const struct ways ways = ways_offered(w->arena, flow);
	for (size_t i = 0; i < ways.n; i++)
		buf_printf(&out, " %s", ways.items[i].kind);
	return out.text;
}

static void what_a_citizen_meets_after_the_password(void **state)
{
	struct world *w = *state;
	static const struct row {
		const char *more;
		const struct signin_way *ways[MOST + 1];
		const char *expected;
	} rows[] = {
		{"", {NULL}, "factor"},
		{"", {&totp}, "factor app"},
		{"", {&totp, &sandbox}, "factor app"},
		{"", {&sms}, "factor sms"},
		{"", {&mail, &sms, &totp, &sandbox}, "choose email sms app"},
		{"", {&sandbox, &mail}, "choose app email"},
		{"&acr_values=" LOA2, {&mail, &totp}, "choose email app"},
		{ESSENTIAL(LOA2), {&mail, &totp}, "factor app"},
		{ESSENTIAL(LOA2), {&mail, &sms, &totp}, "choose sms app"},
		{ESSENTIAL(LOA2), {&mail}, "level"},
		{ESSENTIAL(LOA1), {&mail, &sms}, "factor email"},
		{ESSENTIAL(LOA1), {&totp}, "level"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_FLOW struct flow *flow =
			opened(w, arena_printf(w->arena, "%s%s", QUERY, rows[i].more));
		assert_string_equal(due(w, flow), "password");
		proven(flow, rows[i].ways);
		assert_ok(flow_judge(&w->help.ctx, flow));
		assert_string_equal(met(w, flow), rows[i].expected);
	}
}

static void what_a_session_meets_that_is_too_low(void **state)
{
	struct world *w = *state;
	static const char *const wishes[] = {"&acr_values=" LOA2, ESSENTIAL(LOA2)};
	static const struct signin_way *const all[] = {&mail, &sms, &totp, NULL}, *const none[] = {
											  &mail,
											  NULL};
	for (size_t i = 0; i < COUNT(wishes); i++) {
		AUTO_FLOW struct flow *flow =
			opened(w, arena_printf(w->arena, "%s%s", QUERY, wishes[i]));
		flow->session = &LOW;
		assert_string_equal(due(w, flow), "level");
		proven(flow, all);
		assert_string_equal(met(w, flow), "choose sms app");
		json_put(flow->transaction.stage, "way", "sms");
		assert_string_equal(due(w, flow), "factor");
		json_put(flow->transaction.stage, "way", "email");
		assert_string_equal(due(w, flow), "choose");
		proven(flow, none);
		assert_string_equal(met(w, flow), "level");
	}
}

static void a_session_that_is_enough_is_asked_for_nothing(void **state)
{
	struct world *w = *state;
	struct session high = LOW;
	high.acr = LOA2;
	AUTO_FLOW struct flow *flow = opened(w, QUERY "&acr_values=" LOA2);
	flow->session = &high;
	assert_string_equal(due(w, flow), "consent");
}

static void the_page_shows_each_way_and_not_the_whole_number(void **state)
{
	struct world *w = *state;
	static const struct signin_way *const all[] = {&sms, &totp, NULL};
	AUTO_FLOW struct flow *flow = opened(w, QUERY);
	proven(flow, all);
	assert_string_equal(due(w, flow), "choose");
	help_header(&w->help, "Accept-Language", "en");
	assert_ok(step_choose.page(&w->help.ctx, flow, steps_fault("way_failed")));
	assert_true(shows(w, "Code by SMS to <bdi class=\"whole\">•••• 5678</bdi>"));
	assert_true(shows(w, "class=\"main\" name=\"way\" value=\"sms\""));
	assert_true(shows(w, "class=\"second\" name=\"way\" value=\"app\""));
	assert_true(shows(w, "href=\"#send\""));
}

static void form(struct world *w, const char *text)
{
	w->help.response = (struct http_response){0};
	(void)params_parse(w->arena, text, strlen(text), &w->help.request.form);
}

static void a_choice_is_kept_and_what_is_sent_asks_the_vault(void **state)
{
	struct world *w = *state;
	static const struct signin_way *const all[] = {&sms, &totp, NULL};
	AUTO_FLOW struct flow *flow = opened(w, QUERY);
	form(w, "way=app");
	assert_string_equal(due(w, flow), "password");
	assert_ok(step_choose.take(&w->help.ctx, flow));
	assert_null(json_str(flow->transaction.stage, "way"));
	proven(flow, all);
	assert_string_equal(due(w, flow), "choose");
	form(w, "way=email");
	assert_ok(step_choose.take(&w->help.ctx, flow));
	assert_string_equal(due(w, flow), "choose");
	form(w, "way=app");
	assert_ok(step_choose.take(&w->help.ctx, flow));
	assert_string_equal(due(w, flow), "factor");
	form(w, "way=sms");
	assert_int_equal(step_choose.take(&w->help.ctx, flow).err, ERR_VAULT);
	ways_forget(flow);
	assert_string_equal(due(w, flow), "password");
}

static void a_wait_counts_down_without_a_script(void **state)
{
	struct world *w = *state;
	assert_int_equal(get(w, "/wait.css", "s=27"), 200);
	assert_true(shows(w, ".later{animation:later 27s}"));
	assert_true(shows(w, ".soon{animation:soon 0s 27s forwards}"));
	assert_true(shows(w, ".until::after"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_a_citizen_meets_after_the_password, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_a_session_meets_that_is_too_low, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_session_that_is_enough_is_asked_for_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_page_shows_each_way_and_not_the_whole_number, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_choice_is_kept_and_what_is_sent_asks_the_vault, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_wait_counts_down_without_a_script, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
