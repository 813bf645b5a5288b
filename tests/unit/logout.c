/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "oidc/logout.h"

#define ISSUER "https://id.example"
#define OUT "https://tax.example/out?x=1"

static const char *outs[] = {OUT};
static const struct client tax = {
	.client_id = "tax", .post_logout_redirect_uris = {outs, COUNT(outs)}};

static bool parse(struct arena *arena, const char *text, struct logout_request *out)
{
	const struct params *params = NULL;
	struct error fault = ERROR_ABSENT;
	enum params_verdict verdict = params_parse(arena, text, strlen(text), &params);
	bool good = logout_parse(arena, params, verdict, out, &fault);
	assert_true(good == (fault.code == ERROR_NONE));
	return good;
}

static void parameters_are_read_or_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"state=a&state=b", "state=%00", "state=%zz", "client_id=%C3"};
	struct arena *arena = arena_new();
	struct logout_request request;
	assert_true(parse(arena, "", &request));
	assert_null(request.client_id);
	assert_true(parse(arena, "client_id=tax&state=a%20b&logout_hint=x&unheard=y", &request));
	assert_string_equal(request.client_id, "tax");
	assert_string_equal(request.state, "a b");
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(parse(arena, bad[i], &request));
	char *over = arena_alloc(arena, LOGOUT_TEXT_MAX + 2);
	memset(over, 'x', LOGOUT_TEXT_MAX + 1);
	assert_false(parse(arena, arena_printf(arena, "state=%s", over), &request));
	over[LOGOUT_TEXT_MAX] = '\0';
	assert_true(parse(arena, arena_printf(arena, "state=%s", over), &request));
	arena_free(arena);
}

static void only_an_id_token_of_ours_is_a_hint(void **state)
{
	(void)state;
	static const struct {
		const char *iss, *aud, *sid;
		bool good;
	} rows[] = {{ISSUER, "tax", "g1", true}, {"https://evil.example", "tax", "g1", false},
		{ISSUER, NULL, "g1", false}, {ISSUER, "tax", NULL, false}};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *arena = arena_new();
		struct logout_hint hint = {0};
		json_t *claims = json_object();
		json_put(claims, "iss", rows[i].iss);
		json_put(claims, "aud", rows[i].aud);
		json_put(claims, "sid", rows[i].sid);
		json_put_int(claims, "exp", 1); /* long past: s2 wants it taken */
		assert_int_equal(logout_read_hint(arena, claims, ISSUER, &hint), rows[i].good);
		assert_true(rows[i].good == (hint.client_id != NULL));
		json_decref(claims);
		arena_free(arena);
	}
}

static void the_hint_s_client_goes_before_client_id(void **state)
{
	(void)state;
	const struct logout_request named = {.client_id = "tax"}, unnamed = {0};
	const struct logout_hint hint = {"land", "g"}, none = {0};
	assert_string_equal(logout_client_id(&named, &none), "tax");
	assert_string_equal(logout_client_id(&unnamed, &hint), "land");
	assert_string_equal(logout_client_id(&named, &hint), "land");
	assert_null(logout_client_id(&unnamed, &none));
}

#define URI "post_logout_redirect_uri=https%3A%2F%2Ftax.example%2Fout%3Fx%3D1"

/* RP-Initiated Logout 1.0 s2, s3, s4 */
static void each_case_has_its_end(void **state)
{
	(void)state;
	const struct logout_hint tax_hint = {"tax", "g"}, land_hint = {"land", "g"}, none = {0};
	const struct logout_facts gone = {.client = &tax},
				  here = {.client = &tax, .signed_in = true},
				  fits = {.client = &tax,
					  .signed_in = true,
					  .hint_is_citizen = true},
				  yes = {.client = &tax, .signed_in = true, .confirmed = true},
				  nobody = {.signed_in = true};
	const struct {
		const char *query;
		const struct logout_hint *hint;
		const struct logout_facts *facts;
		enum logout_outcome outcome;
		const char *location;
	} rows[] = {
		{"", &none, &nobody, LOGOUT_ASK, NULL},
		{"", &none, &(struct logout_facts){0}, LOGOUT_END, NULL},
		{"", &tax_hint, &fits, LOGOUT_END, NULL},
		{URI, &tax_hint, &fits, LOGOUT_END, OUT},
		{URI "&state=a%20b", &tax_hint, &fits, LOGOUT_END, OUT "&state=a%20b"},
		{URI "&client_id=tax", &tax_hint, &fits, LOGOUT_END, OUT},
		{URI "&client_id=tax", &land_hint, &fits, LOGOUT_PAGE, NULL},
		{"client_id=tax", &land_hint, &yes, LOGOUT_PAGE, NULL},
		/* the hint is about somebody else: ask */
		{URI, &tax_hint, &here, LOGOUT_ASK, OUT},
		{URI "&client_id=tax", &none, &here, LOGOUT_ASK, OUT},
		{URI "&client_id=tax", &none, &yes, LOGOUT_END, OUT},
		{URI, &tax_hint, &gone, LOGOUT_END, OUT},
		/* never to a URI that is not registered, or nobody's */
		{URI, &none, &nobody, LOGOUT_ASK, NULL},
		{URI, &none, &(struct logout_facts){0}, LOGOUT_END, NULL},
		{URI, &none, &(struct logout_facts){.signed_in = true, .confirmed = true},
			LOGOUT_END, NULL},
		{URI, &land_hint, &nobody, LOGOUT_PAGE, NULL},
		{URI "&client_id=nobody", &none, &nobody, LOGOUT_PAGE, NULL},
		{"post_logout_redirect_uri=https://tax.example/out", &tax_hint, &fits, LOGOUT_PAGE,
			NULL},
		{"post_logout_redirect_uri=https://evil.example/", &tax_hint, &yes, LOGOUT_PAGE,
			NULL},
		{"post_logout_redirect_uri=https://evil.example/&client_id=tax", &none, &gone,
			LOGOUT_PAGE, NULL},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *arena = arena_new();
		struct logout_request request;
		struct logout_decision decision;
		assert_true(parse(arena, rows[i].query, &request));
		struct logout_question question = {&request, rows[i].hint, rows[i].facts};
		logout_decide(arena, &question, &decision);
		if (decision.outcome != rows[i].outcome)
			print_error("row %zu '%s'\n", i, rows[i].query);
		assert_int_equal(decision.outcome, rows[i].outcome);
		if (rows[i].location)
			assert_string_equal(decision.location, rows[i].location);
		else
			assert_null(decision.location);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_are_read_or_refused),
		cmocka_unit_test(only_an_id_token_of_ours_is_a_hint),
		cmocka_unit_test(the_hint_s_client_goes_before_client_id),
		cmocka_unit_test(each_case_has_its_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
