/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/authz_rig.h"
#include "oidc/authz_decide.h"
#include "oidc/grant_type.h"

#define NOW 1000000

/* One question: a request's parameters, the facts, and what must come of it: "issue", a step, or an
 * error's name. */
struct row {
	const char *more;
	struct authz_facts facts;
	const char *expected;
};

#define LOA2 "urn:pratu:loa:2"
#define IN .signed_in = true, .acr = LOA2, .auth_time_s = NOW - 100, .sub = "abc"
static const char *allowed_items[] = {"openid", "profile"};
#define ALLOWED .remembered_scope = {allowed_items, 2}
#define LOW .signed_in = true, .acr = "urn:pratu:loa:1", ALLOWED
#define ESSENTIAL(values) \
	"claims=%7B%22id_token%22%3A%7B%22acr%22%3A%7B%22essential%22%3Atrue%2C%22values%22%3A%" \
	"5B" values "%5D%7D%7D%7D"
#define SUB(sub) "claims=%7B%22id_token%22%3A%7B%22sub%22%3A%7B%22value%22%3A%22" sub "%22%7D%7D%7D"

static const char *outcome(const struct authz_decision *decision)
{
	static const char *const steps[] = {[AUTHZ_STEP_SIGN_IN] = "sign_in",
		[AUTHZ_STEP_LEVEL] = "level",
		[AUTHZ_STEP_ACCOUNT] = "account",
		[AUTHZ_STEP_CONSENT] = "consent"};
	if (decision->outcome == AUTHZ_ISSUE)
		return "issue";
	if (decision->outcome == AUTHZ_STEP)
		return steps[decision->step];
	return error_name(decision->error.code);
}

static void ask(struct arena *arena, const struct client *client, const struct row *row,
	struct authz_decision *out)
{
	struct authz_parsed parsed;
	struct client rig = *client;
	rig.redirect_uris = rig_client().redirect_uris;
	rig_parse_with(arena, &rig, row->more, &parsed);
	assert_int_equal(parsed.verdict, AUTHZ_GOOD);
	parsed.request.redirect_uri = client->redirect_uris.items[0];
	struct authz_question question = {&parsed.request, client, &row->facts, NOW};
	authz_decide(arena, &question, out);
	if (strcmp(outcome(out), row->expected) != 0)
		print_error("'%s': %s\n", row->more, outcome(out));
	assert_string_equal(outcome(out), row->expected);
	assert_true((out->outcome == AUTHZ_ERROR) == (out->error.code != ERROR_NONE));
}

static void check(const struct client *client, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct arena *arena = arena_new();
		struct authz_decision decision;
		ask(arena, client, &rows[i], &decision);
		arena_free(arena);
	}
}

/* OIDC Core s3.1.2.3 */
static void without_a_session_the_citizen_signs_in(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"", {0}, "sign_in"},
		{"", {ALLOWED}, "sign_in"},
		{"prompt=login", {0}, "sign_in"},
		{"prompt=select_account", {0}, "sign_in"},
		{"prompt=consent", {0}, "sign_in"},
		{"prompt=none", {0}, "login_required"},
		{"prompt=none", {ALLOWED}, "login_required"},
	};
	struct client client = rig_client();
	check(&client, rows, COUNT(rows));
}

static void a_session_and_a_consent_give_a_code(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"", {IN, ALLOWED}, "issue"},
		{"prompt=none", {IN, ALLOWED}, "issue"},
		{"", {IN, .consented = true}, "issue"},
		{"", {IN}, "consent"},
		{"prompt=none", {IN}, "consent_required"},
		{"prompt=consent", {IN, ALLOWED}, "consent"},
		{"prompt=consent", {IN, ALLOWED, .consented = true}, "issue"},
	};
	struct client client = rig_client();
	check(&client, rows, COUNT(rows));
}

static void a_trusted_client_asks_nobody_but_by_prompt(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"", {IN}, "issue"},
		{"prompt=none", {IN}, "issue"},
		{"prompt=consent", {IN}, "consent"},
		{"prompt=consent", {IN, .consented = true}, "issue"},
	};
	struct client client = rig_client();
	client.require_consent = false;
	check(&client, rows, COUNT(rows));
}

static void only_a_sign_in_of_this_transaction_answers_prompt_login(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"prompt=login", {IN, ALLOWED}, "sign_in"},
		{"prompt=login", {IN, ALLOWED, .authenticated = true}, "issue"},
		{"prompt=login", {.authenticated = true, ALLOWED}, "sign_in"},
		{"prompt=login%20consent", {IN, ALLOWED, .authenticated = true}, "consent"},
		{"prompt=login%20consent", {IN, ALLOWED, .consented = true}, "sign_in"},
	};
	struct client client = rig_client();
	check(&client, rows, COUNT(rows));
}

/* OIDC Core s3.1.2.1: the session is 100 s old. */
static void max_age_is_held_to(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"max_age=100", {IN, ALLOWED}, "issue"},
		{"max_age=99", {IN, ALLOWED}, "sign_in"},
		{"max_age=99", {IN, ALLOWED, .authenticated = true}, "issue"},
		{"max_age=99&prompt=none", {IN, ALLOWED}, "login_required"},
		{"max_age=100&prompt=none", {IN, ALLOWED}, "issue"},
		{"max_age=0", {.signed_in = true, .auth_time_s = NOW, ALLOWED}, "sign_in"},
		{"max_age=0", {IN, ALLOWED, .authenticated = true}, "issue"},
	};
	struct client client = rig_client();
	check(&client, rows, COUNT(rows));
}

static void the_client_s_default_max_age_counts_where_none_came(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"", {IN, ALLOWED}, "sign_in"},
		{"max_age=200", {IN, ALLOWED}, "issue"},
		{"prompt=none", {IN, ALLOWED}, "login_required"},
	};
	struct client client = rig_client();
	client.default_max_age_s = 50;
	check(&client, rows, COUNT(rows));
}

static void select_account_is_asked_once(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"prompt=select_account", {IN, ALLOWED}, "account"},
		{"prompt=select_account", {IN, ALLOWED, .account_chosen = true}, "issue"},
		{"prompt=select_account", {IN, ALLOWED, .other_account = true}, "sign_in"},
		{"prompt=select_account", {IN, ALLOWED, .authenticated = true}, "issue"},
		{"prompt=select_account%20login", {IN, ALLOWED}, "sign_in"},
		{"prompt=select_account%20consent", {IN, ALLOWED, .account_chosen = true},
			"consent"},
	};
	struct client client = rig_client();
	check(&client, rows, COUNT(rows));
}

static struct client public_client(const char *redirect_uri)
{
	static const char *redirects[1];
	struct client client = rig_client();
	redirects[0] = redirect_uri;
	client.redirect_uris = (struct str_list){redirects, 1};
	client.auth_method = CLIENT_AUTH_NONE;
	return client;
}

/* RFC 8252 s8.6; any program of the device may listen at a loopback address, too. */
static void a_client_that_proves_nothing_gets_no_code_without_an_act(void **state)
{
	(void)state;
	const struct row rows[] = {
		{"", {IN, ALLOWED}, "account"},
		{"prompt=none", {IN, ALLOWED}, "interaction_required"},
		{"", {IN, ALLOWED, .authenticated = true}, "issue"},
		{"", {IN, ALLOWED, .account_chosen = true}, "issue"},
		{"", {IN, ALLOWED, .consented = true}, "issue"},
		{"", {IN}, "consent"},
	};
	static const char *const unproven[] = {"th.go.tax:/cb", "http://127.0.0.1/cb",
		"http://[::1]/cb", "http://localhost/cb", "https.th.go.tax:/cb"};
	for (size_t i = 0; i < COUNT(unproven); i++) {
		struct client client = public_client(unproven[i]);
		check(&client, rows, COUNT(rows));
		client.require_consent = false;
		check(&client, rows, 5);
	}
}

static void a_client_that_proves_who_it_is_gets_a_code_for_a_session(void **state)
{
	(void)state;
	const struct row rows[] = {
		{"", {IN, ALLOWED}, "issue"}, {"prompt=none", {IN, ALLOWED}, "issue"}};
	struct client client = public_client(RIG_REDIRECT);
	check(&client, rows, COUNT(rows));
	client = public_client("th.go.tax:/cb");
	client.auth_method = CLIENT_AUTH_POST;
	check(&client, rows, COUNT(rows));
}

static void acr_values_is_a_wish(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"acr_values=" LOA2, {IN, ALLOWED}, "issue"},
		{"acr_values=urn:pratu:loa:1", {IN, ALLOWED}, "issue"},
		{"acr_values=urn:pratu:loa:3", {IN, ALLOWED}, "issue"},
		{"acr_values=gold", {IN, ALLOWED}, "issue"},
		{"acr_values=" LOA2, {LOW}, "level"},
		{"acr_values=" LOA2 "&prompt=login", {LOW}, "sign_in"},
		{"acr_values=" LOA2 "&max_age=0", {LOW}, "sign_in"},
		{"acr_values=" LOA2, {LOW, .other_account = true}, "sign_in"},
		{"acr_values=" LOA2 "%20urn:pratu:loa:1", {LOW}, "issue"},
		{"acr_values=" LOA2 "&prompt=none", {LOW}, "issue"},
	};
	struct client client = rig_client();
	check(&client, rows, COUNT(rows));
}

/* OIDC Core s5.5.1.1 */
static void an_essential_acr_is_met_or_refused(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ESSENTIAL("%22urn:pratu:loa:2%22"), {IN, ALLOWED}, "issue"},
		{ESSENTIAL("%22urn:pratu:loa:3%22"), {IN, ALLOWED},
			"unmet_authentication_requirements"},
		{ESSENTIAL("%22urn:pratu:loa:3%22"), {0}, "unmet_authentication_requirements"},
		{ESSENTIAL("%22gold%22"), {IN, ALLOWED}, "unmet_authentication_requirements"},
		{ESSENTIAL("%22gold%22") "&prompt=none", {0}, "unmet_authentication_requirements"},
		{ESSENTIAL("%22gold%22%2C%22urn:pratu:loa:2%22"), {IN, ALLOWED}, "issue"},
		{ESSENTIAL("%22urn:pratu:loa:2%22"), {LOW}, "level"},
		{ESSENTIAL("%22urn:pratu:loa:2%22") "&prompt=none", {LOW}, "login_required"},
		{ESSENTIAL("%22urn:pratu:loa:2%22"), {LOW, .authenticated = true},
			"unmet_authentication_requirements"},
		{ESSENTIAL("%22urn:pratu:loa:1%22"), {IN, ALLOWED}, "level"},
		{ESSENTIAL("%22urn:pratu:loa:1%22"), {0}, "sign_in"},
		{ESSENTIAL(""), {IN, ALLOWED}, "issue"},
	};
	struct client client = rig_client();
	check(&client, rows, COUNT(rows));
}

/* OIDC Core s3.1.2.2, s5.5.1: never about another citizen than the one that was named. */
static void a_named_sub_must_be_the_one(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{SUB("abc"), {IN, ALLOWED}, "issue"},
		{SUB("xyz"), {IN, ALLOWED}, "sign_in"},
		{SUB("xyz") "&prompt=none", {IN, ALLOWED}, "login_required"},
		{SUB("xyz"), {IN, ALLOWED, .authenticated = true}, "login_required"},
		{SUB("abc"), {.signed_in = true, .authenticated = true, ALLOWED}, "login_required"},
	};
	struct client client = rig_client();
	check(&client, rows, COUNT(rows));
}

static void hinted(const char *hint, bool stale, const struct authz_facts *facts,
	const char *prompt, const char *expected)
{
	struct arena *arena = arena_new();
	struct client client = rig_client();
	struct authz_parsed parsed;
	struct authz_decision decision;
	rig_parse_with(arena, &client, prompt, &parsed);
	parsed.request.hint_sub = hint;
	parsed.request.hint_stale = stale;
	assert_true(authz_decide_needs_sub(&parsed.request) == (hint != NULL));
	struct authz_question question = {&parsed.request, &client, facts, NOW};
	authz_decide(arena, &question, &decision);
	assert_string_equal(outcome(&decision), expected);
	arena_free(arena);
}

static void a_hint_must_fit_the_citizen(void **state)
{
	(void)state;
	const struct authz_facts here = {IN, ALLOWED}, fresh = {IN, ALLOWED, .authenticated = true};
	hinted("abc", false, &here, "", "issue");
	hinted("abc", false, &here, "prompt=none", "issue");
	hinted("xyz", false, &here, "", "sign_in");
	hinted("xyz", false, &here, "prompt=none", "login_required");
	hinted("xyz", false, &fresh, "", "login_required");
	hinted(NULL, true, &here, "", "sign_in");
	hinted(NULL, true, &here, "prompt=none", "login_required");
	hinted(NULL, true, &fresh, "", "issue");
}

static const char *items[] = {"openid", "profile", "email", "phone_number"};
#define ALLOWED_EMAIL .remembered_scope = {items, 3}
#define ALLOWED_PHONE .remembered_claims = {items + 3, 1}
#define ALLOWED_NO_OPENID .remembered_scope = {items + 1, 2}

static void a_consent_covers_what_it_named(void **state)
{
	(void)state;
	const struct row rows[] = {
		{"claims=%7B%22userinfo%22%3A%7B%22email%22%3Anull%7D%7D", {IN, ALLOWED},
			"consent"},
		{"claims=%7B%22userinfo%22%3A%7B%22name%22%3Anull%7D%7D", {IN, ALLOWED}, "issue"},
		{"claims=%7B%22userinfo%22%3A%7B%22email%22%3Anull%7D%7D", {IN, ALLOWED_EMAIL},
			"issue"},
		{"claims=%7B%22id_token%22%3A%7B%22phone_number%22%3Anull%7D%7D",
			{IN, ALLOWED, ALLOWED_PHONE}, "issue"},
		{"claims=%7B%22id_token%22%3A%7B%22phone_number_verified%22%3Anull%7D%7D",
			{IN, ALLOWED, ALLOWED_PHONE}, "consent"},
		{"claims=%7B%22id_token%22%3A%7B%22acr%22%3Anull%7D%7D", {IN, ALLOWED}, "issue"},
		{"", {IN, ALLOWED_NO_OPENID}, "consent"},
	};
	struct client client = rig_client();
	check(&client, rows, COUNT(rows));
}

static const char *with[] = {"openid", "offline_access"};
#define ALLOWED_OFFLINE .remembered_scope = {with, 2}

/* OIDC Core s11 */
static void offline_access_is_allowed_by_the_citizen_or_the_registration(void **state)
{
	(void)state;
	static const char *const base = "client_id=tax&redirect_uri=https://tax.example/other"
					"&response_type=code&scope=openid%20offline_access";
	const struct {
		bool registered, ask;
		const char *prompt;
		struct authz_facts facts;
		const char *expected;
		bool offline;
	} rows[] = {
		{true, true, "", {IN, ALLOWED}, "consent", true},
		{true, true, "", {IN, ALLOWED, .consented = true}, "issue", true},
		{true, true, "", {IN, ALLOWED_OFFLINE}, "issue", true},
		{true, true, "none", {IN, ALLOWED}, "issue", false},
		{true, true, "none", {IN, ALLOWED_OFFLINE}, "issue", true},
		{true, false, "", {IN}, "issue", true},
		{true, false, "none", {IN}, "issue", true},
		{true, false, "consent", {IN}, "consent", true},
		{true, false, "consent", {IN, .consented = true}, "issue", true},
		{false, true, "consent", {IN, .consented = true}, "issue", false},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *arena = arena_new();
		struct client client = rig_client();
		struct authz_parsed parsed;
		struct authz_decision decision;
		if (rows[i].registered)
			client.scopes = (struct str_list){with, COUNT(with)};
		client.require_consent = rows[i].ask;
		rig_parse(arena, &client, arena_printf(arena, "%s&prompt=%s", base, rows[i].prompt),
			&parsed);
		struct authz_question question = {&parsed.request, &client, &rows[i].facts, NOW};
		authz_decide(arena, &question, &decision);
		assert_string_equal(outcome(&decision), rows[i].expected);
		assert_int_equal(decision.offline, rows[i].offline);
		assert_int_equal(decision.grant.scope.n, rows[i].offline ? 2 : 1);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_session_the_citizen_signs_in),
		cmocka_unit_test(a_session_and_a_consent_give_a_code),
		cmocka_unit_test(a_trusted_client_asks_nobody_but_by_prompt),
		cmocka_unit_test(only_a_sign_in_of_this_transaction_answers_prompt_login),
		cmocka_unit_test(max_age_is_held_to),
		cmocka_unit_test(the_client_s_default_max_age_counts_where_none_came),
		cmocka_unit_test(select_account_is_asked_once),
		cmocka_unit_test(a_client_that_proves_nothing_gets_no_code_without_an_act),
		cmocka_unit_test(a_client_that_proves_who_it_is_gets_a_code_for_a_session),
		cmocka_unit_test(acr_values_is_a_wish),
		cmocka_unit_test(an_essential_acr_is_met_or_refused),
		cmocka_unit_test(a_named_sub_must_be_the_one),
		cmocka_unit_test(a_hint_must_fit_the_citizen),
		cmocka_unit_test(a_consent_covers_what_it_named),
		cmocka_unit_test(offline_access_is_allowed_by_the_citizen_or_the_registration),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
