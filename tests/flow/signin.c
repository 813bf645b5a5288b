/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of a sign-in with a clock held by the test: the table, and what a stranger's browser
 * meets. There is no database and no vault: what would ask one of them fails.
 */
#include "tests/flow/signin_world.h"

static void strangers_ask_nothing_of_the_database(void **state)
{
	struct world *w = *state;
	const char *t = begun(w, QUERY);
	assert_int_equal(get(w, "/signin", t), 200);
	assert_true(shows(w, "type=\"password\""));
	assert_true(
		shows(w, "<form method=\"post\"><button class=\"quiet\" name=\"to\" value=\"en\""));
	assert_int_equal(post_to(w, "/signin", t, "to=en"), 303);
	assert_string_equal(location(w), arena_printf(w->arena, "/signin?%s&switched=1", t));
	assert_int_equal(get(w, "/signin", arena_printf(w->arena, "%s&switched=1", t)), 200);
	assert_false(shows(w, "/language?"));
	assert_int_equal(get(w, "/signin", t), 200);
	assert_int_equal(post(w, "/signin/password", arena_printf(w->arena, "%s&login=x", t)), 303);
	assert_int_equal(get(w, "/signin", location(w) + strlen("/signin?")), 200);
	assert_true(shows(w, "value=\"x\""));
	assert_true(shows(w, "aria-invalid=\"true\""));
	assert_int_equal(
		post(w, "/signin/consent", arena_printf(w->arena, "%s&choice=allow", t)), 303);
	assert_true(str_starts(location(w), "/signin?t="));
	assert_int_equal(cancel(w, t), 303);
	assert_true(str_starts(location(w), REDIRECT "?error=access_denied"));
	assert_non_null(strstr(location(w), "&state=s1"));
	assert_int_equal(get(w, "/", ""), 303);
	assert_int_equal(get(w, "/authorize", QUERY "&prompt=none"), 303);
	assert_non_null(strstr(location(w), "error=login_required"));
	/* And with a session's cookie, it would have. */
	w->device[0] = '\0';
	fresh(w, HTTP_GET, "/authorize");
	help_header(
		&w->help, "Cookie", "__Host-session=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP_");
	dispatch_request(&w->help.ctx);
	assert_int_equal(w->help.response.status, 503);
}

/* What a page of another site posts to /authorize, as it is sent on. */
static const char *bounced(struct world *w, const char *form)
{
	struct help *help = &w->help;
	fresh(w, HTTP_POST, "/authorize");
	help_header(help, "Origin", "https://tax.example");
	help->request.has_form = true;
	help->request.form_verdict =
		params_parse(w->arena, form, strlen(form), &help->request.form);
	dispatch_request(&help->ctx);
	assert_int_equal(help->response.status, 303);
	assert_true(str_starts(location(w), "/authorize?form="));
	return location(w) + strlen("/authorize?");
}

static void a_form_of_another_page_is_sealed_for_a_while(void **state)
{
	struct world *w = *state;
	const char *form = bounced(w, QUERY "&id_token_hint=");
	assert_null(strstr(form, "tax"));
	assert_null(strstr(form, "id_token_hint"));
	pass(w, 899);
	assert_int_equal(get(w, "/authorize", form), 303);
	assert_true(str_starts(location(w), "/signin?t="));
	/* At another endpoint, with more beside it, or changed, it is nothing. */
	assert_int_equal(get(w, "/logout", form), 200);
	assert_int_equal(get(w, "/authorize", arena_printf(w->arena, "%s&a=b", form)), 400);
	assert_int_equal(get(w, "/authorize", arena_printf(w->arena, "%sA", form)), 400);
	pass(w, 1);
	assert_int_equal(get(w, "/authorize", form), 400);
}

static void an_old_page_begins_again_with_the_same_request(void **state)
{
	struct world *w = *state;
	const char *t = begun(w, QUERY);
	pass(w, 900);
	assert_int_equal(get(w, "/signin", t), 410);
	assert_int_equal(
		post(w, "/signin/password", arena_printf(w->arena, "%s&login=x&password=y", t)),
		410);
	pass(w, 3600);
	assert_int_equal(get(w, "/signin", arena_printf(w->arena, "%s&again=1", t)), 303);
	const char *again = location(w) + strlen("/signin?");
	assert_int_equal(get(w, "/signin", again), 200);
	assert_int_equal(cancel(w, again), 303);
	assert_non_null(strstr(location(w), "state=s1"));
}

static void another_browser_and_what_is_none_of_ours_are_unknown(void **state)
{
	struct world *w = *state;
	static const char *const odd[] = {"", "t=", "t=x", "t=AQAAAAA"};
	const char *t = begun(w, QUERY);
	char mine[sizeof w->device];
	memcpy(mine, w->device, sizeof mine);
	w->device[0] = '\0';
	assert_int_equal(get(w, "/signin", t), 400);
	assert_false(shows(w, "type=\"password\""));
	w->device[0] = '\0';
	assert_int_equal(cancel(w, t), 400);
	assert_null(location(w));
	memcpy(w->device, mine, sizeof mine);
	for (size_t i = 0; i < COUNT(odd); i++)
		assert_int_equal(get(w, "/signin", odd[i]), 400);
	assert_int_equal(get(w, "/signin", t), 200);
}

static void a_redirect_uri_that_is_withdrawn_gets_nothing(void **state)
{
	struct world *w = *state;
	const char *t = begun(w, QUERY);
	clients_forget(w->help.web.clients, CLIENT);
	assert_ok(clients_put(w->help.web.clients, CLIENT,
		"{\"client_id\":\"tax\",\"client_name\":\"Tax\",\"redirect_uris\":"
		"[\"https://new.example/\"],"
		"\"token_endpoint_auth_method\":\"client_secret_basic\"}",
		2));
	assert_int_equal(get(w, "/signin", t), 400);
	assert_int_equal(cancel(w, t), 400);
	assert_null(location(w));
	assert_int_equal(get(w, "/signin", arena_printf(w->arena, "%s&again=1", t)), 400);
}

static void a_request_too_large_for_an_address_is_told_so(void **state)
{
	struct world *w = *state;
	char text[1025] = {0};
	memset(text, 'x', 1024);
	const char *full = arena_printf(
		w->arena, "%s%s&nonce=%s&login_hint=%s", QUERY, text + strlen("s1"), text, text);
	assert_int_equal(get(w, "/signin", begun(w, full)), 200);
	struct buf claims = buf_new(w->arena);
	buf_puts(&claims, "{\"userinfo\":{");
	for (int i = 0; i < 60; i++)
		buf_printf(&claims,
			"%s\"name#x-%02d-abcdefghijklmnopqrstuvwxyz-abcdefghijk\":"
			"{\"essential\":true}",
			i ? "," : "", i);
	buf_puts(&claims, "}}");
	const struct params *params = NULL;
	(void)params_parse(w->arena, full, strlen(full), &params);
	struct params more = *params;
	more.items[more.n++] = (struct param){"claims", claims.text};
	assert_int_equal(get(w, "/authorize", params_encode(w->arena, &more)), 303);
	assert_true(str_starts(location(w), REDIRECT "?error=invalid_request"));
}

/* ---- the table */

static const struct session SOMCHAI = {.session_id = "01890000-0000-7000-8000-000000000001",
	.subject_id = "s",
	.actor_id = "s",
	.ticket = "t",
	.acr = "urn:pratu:loa:2",
	.auth_time_s = HELP_NOW_S,
	.claims = "{\"name\":\"Somchai\"}"};

/* The flow of a request as flow_open gives it. */
static struct flow *opened(struct world *w, const char *query)
{
	struct flow *flow = NULL;
	const char *t = begun(w, query);
	assert_ok(flow_open(&w->help.ctx, t + strlen("t="), &flow));
	assert_int_equal(flow->state, TRANSACTION_LIVE);
	return flow;
}

static const char *due(struct world *w, struct flow *flow)
{
	assert_ok(flow_judge(&w->help.ctx, flow));
	const struct step *step = steps_due(flow);
	return step ? step->name : "none";
}

/* As signin_end leaves it. */
static void signed_in(struct flow *flow, const struct session *session, int64_t stopped)
{
	json_t *stage = flow->transaction.stage;
	flow->session = session;
	json_object_del(stage, "partial");
	json_object_del(stage, "other_account");
	json_put(stage, "authenticated", session->session_id);
	json_put_int(stage, "stopped", stopped);
}

static void form(struct world *w, const char *text)
{
	w->help.response = (struct http_response){0};
	(void)params_parse(w->arena, text, strlen(text), &w->help.request.form);
}

static void steps_come_in_their_order(void **state)
{
	struct world *w = *state;
	AUTO_FLOW struct flow *flow = opened(w, QUERY);
	json_t *stage = flow->transaction.stage;
	assert_string_equal(due(w, flow), "password");
	json_put(stage, "partial", "p");
	assert_string_equal(due(w, flow), "factor");
	signed_in(flow, &SOMCHAI, 3);
	assert_string_equal(due(w, flow), "notice");
	assert_ok(step_notice.take(&w->help.ctx, flow));
	assert_true(str_starts(location(w), "/signin?t="));
	assert_string_equal(due(w, flow), "consent");
	assert_ok(step_consent.page(&w->help.ctx, flow, NULL));
	form(w, "choice=allow");
	/* The end: the vault is asked to bind, and is not there. */
	assert_int_equal(step_consent.take(&w->help.ctx, flow).err, ERR_VAULT);
	assert_string_equal(due(w, flow), "none");
	assert_int_equal(flow->decision.outcome, AUTHZ_ISSUE);
}

static void the_notice_tells_how_many(void **state)
{
	struct world *w = *state;
	AUTO_FLOW struct flow *flow = opened(w, QUERY);
	signed_in(flow, &SOMCHAI, 12);
	help_header(&w->help, "Accept-Language", "en");
	assert_string_equal(due(w, flow), "notice");
	assert_ok(step_notice.page(&w->help.ctx, flow, NULL));
	assert_true(shows(w, "12 wrong codes"));
}

static void an_account_is_chosen_or_another_signs_in(void **state)
{
	struct world *w = *state;
	static const struct session other = {
		.session_id = "01890000-0000-7000-8000-000000000002", .acr = "urn:pratu:loa:2"};
	AUTO_FLOW struct flow *flow = opened(w, QUERY "&prompt=select_account");
	flow->session = &SOMCHAI;
	assert_string_equal(due(w, flow), "account");
	form(w, "choice=same");
	assert_ok(step_account.take(&w->help.ctx, flow));
	assert_string_equal(due(w, flow), "account"); /* it was not shown to this citizen */
	assert_ok(step_account.page(&w->help.ctx, flow, NULL));
	form(w, "choice=same");
	assert_ok(step_account.take(&w->help.ctx, flow));
	assert_string_equal(due(w, flow), "consent");
	form(w, "choice=other");
	assert_ok(step_account.take(&w->help.ctx, flow));
	assert_string_equal(due(w, flow), "password");
	signed_in(flow, &other, 0);
	assert_string_equal(due(w, flow), "consent");
}

/* RFC 8252 s8.6: another program of the device may have sent the request. */
static void an_application_that_proves_nothing_waits_for_an_act(void **state)
{
	struct world *w = *state;
	assert_ok(clients_put(w->help.web.clients, "app",
		"{\"client_id\":\"app\",\"redirect_uris\":[\"th.go.app:/cb\"],"
		"\"application_type\":\"native\",\"token_endpoint_auth_method\":\"none\","
		"\"require_consent\":false}",
		1));
	AUTO_FLOW struct flow *flow =
		opened(w, "client_id=app&redirect_uri=th.go.app:/cb&response_type=code&scope=openid"
			  "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
			  "&code_challenge_method=S256");
	flow->session = &SOMCHAI;
	assert_string_equal(due(w, flow), "account");
	assert_ok(step_account.page(&w->help.ctx, flow, NULL));
	form(w, "choice=same");
	/* The end: the vault is asked to bind, and is not there. */
	assert_int_equal(step_account.take(&w->help.ctx, flow).err, ERR_VAULT);
	assert_string_equal(due(w, flow), "none");
	json_object_del(flow->transaction.stage, "account");
	assert_string_equal(due(w, flow), "account");
	signed_in(flow, &SOMCHAI, 0);
	assert_string_equal(due(w, flow), "none");
}

/* Another tab signs in somebody else while the question is shown. */
static void a_yes_counts_for_whom_it_was_shown_to(void **state)
{
	struct world *w = *state;
	struct session other = SOMCHAI;
	AUTO_FLOW struct flow *flow = opened(w, QUERY);
	other.session_id = "01890000-0000-7000-8000-000000000002";
	flow->session = &SOMCHAI;
	assert_string_equal(due(w, flow), "consent");
	assert_ok(step_consent.page(&w->help.ctx, flow, NULL));
	flow->session = &other;
	form(w, "choice=allow");
	assert_ok(step_consent.take(&w->help.ctx, flow));
	assert_string_equal(due(w, flow), "consent");
}

/* What is granted is what the page named, whatever the citizen has by then. */
static void a_claim_without_a_value_is_not_granted(void **state)
{
	struct world *w = *state;
	struct session later = SOMCHAI;
	AUTO_FLOW struct flow *flow = opened(w, QUERY);
	flow->session = &SOMCHAI;
	assert_string_equal(due(w, flow), "consent");
	help_header(&w->help, "Accept-Language", "en");
	assert_ok(step_consent.page(&w->help.ctx, flow, NULL));
	assert_true(shows(w, "When your details last changed"));
	assert_false(shows(w, "Nickname"));
	later.claims = "{\"name\":\"Somchai\",\"nickname\":\"Chai\"}";
	flow->session = &later;
	json_put(flow->transaction.stage, "consented", later.session_id);
	assert_string_equal(due(w, flow), "none");
	assert_true(flow->decision.grant.shown_only);
	assert_true(str_list_has(&flow->decision.grant.shown, "name"));
	assert_false(str_list_has(&flow->decision.grant.shown, "nickname"));
	/* Remembered, it covers the same names; for the new one the citizen is asked. */
	json_object_del(flow->transaction.stage, "consented");
	later.consent = (struct session_consent){.scope = flow->decision.grant.scope,
		.shown = flow->decision.grant.shown,
		.shown_known = true};
	assert_string_equal(due(w, flow), "consent");
	later.claims = SOMCHAI.claims;
	assert_string_equal(due(w, flow), "none");
	assert_false(str_list_has(&flow->decision.grant.shown, "nickname"));
}

static void a_sign_in_grows_old(void **state)
{
	struct world *w = *state;
	AUTO_FLOW struct flow *flow = opened(w, QUERY "&max_age=60");
	flow->session = &SOMCHAI;
	pass(w, 60);
	assert_string_equal(due(w, flow), "consent");
	pass(w, 1);
	assert_string_equal(due(w, flow), "password");
	signed_in(flow, &SOMCHAI, 0);
	assert_string_equal(due(w, flow), "consent");
}

static void each_step_has_its_path_and_faults_their_names(void **state)
{
	(void)state;
	assert_ptr_equal(steps_at("/signin/password"), &step_password);
	assert_ptr_equal(steps_at("/signin/factor"), &step_factor);
	assert_null(steps_at("/signin/none"));
	assert_string_equal(steps_fault("code_refused")->code, "factor.refused");
	assert_null(steps_fault("none"));
	assert_null(steps_fault(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			strangers_ask_nothing_of_the_database, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_form_of_another_page_is_sealed_for_a_while, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_old_page_begins_again_with_the_same_request, setup, teardown),
		cmocka_unit_test_setup_teardown(
			another_browser_and_what_is_none_of_ours_are_unknown, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_redirect_uri_that_is_withdrawn_gets_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_request_too_large_for_an_address_is_told_so, setup, teardown),
		cmocka_unit_test_setup_teardown(steps_come_in_their_order, setup, teardown),
		cmocka_unit_test_setup_teardown(the_notice_tells_how_many, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_account_is_chosen_or_another_signs_in, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_application_that_proves_nothing_waits_for_an_act, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_yes_counts_for_whom_it_was_shown_to, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_claim_without_a_value_is_not_granted, setup, teardown),
		cmocka_unit_test_setup_teardown(a_sign_in_grows_old, setup, teardown),
		cmocka_unit_test_setup_teardown(
			each_step_has_its_path_and_faults_their_names, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
