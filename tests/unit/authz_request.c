/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/authz_rig.h"

/* What stands between a stranger and a redirect: OIDC Core s3.1.2.2, RFC 6749 s4.1.2.1. */
#define OBJECT "eyJzdGF0ZSI6InM5IiwicmVzcG9uc2VfbW9kZSI6ImZvcm1fcG9zdCJ9"

static void a_bad_client_or_redirect_uri_never_redirects(void **state)
{
	(void)state;
	static const struct {
		const char *query, *page;
	} rows[] = {
		{"", "error.client_unknown"},
		{"client_id=&redirect_uri=https://tax.example/other", "error.client_unknown"},
		{"client_id=nobody&redirect_uri=https://tax.example/other", "error.client_unknown"},
		{"client_id=TAX&redirect_uri=https://tax.example/other", "error.client_unknown"},
		{"client_id=tax%0A&redirect_uri=https://tax.example/other", "error.client_unknown"},
		{"client_id=tax&client_id=tax&redirect_uri=https://tax.example/other",
			"error.client_unknown"},
		{"client%5Fid=tax&client_id=tax&redirect_uri=https://tax.example/other",
			"error.client_unknown"},
		{"client_id=tax", "error.redirect_uri"},
		{"client_id=tax&redirect_uri=", "error.redirect_uri"},
		{"client_id=tax&redirect_uri=https://tax.example/other/", "error.redirect_uri"},
		{"client_id=tax&redirect_uri=https://tax.example/Other", "error.redirect_uri"},
		{"client_id=tax&redirect_uri=https://TAX.example/other", "error.redirect_uri"},
		{"client_id=tax&redirect_uri=http://tax.example/other", "error.redirect_uri"},
		{"client_id=tax&redirect_uri=https://tax.example:443/other", "error.redirect_uri"},
		{"client_id=tax&redirect_uri=https://tax.example/other?x=1", "error.redirect_uri"},
		{"client_id=tax&redirect_uri=https://tax.example/other%23f", "error.redirect_uri"},
		{"client_id=tax&redirect_uri=https://tax.example/cb", "error.redirect_uri"},
		{"client_id=tax&redirect_uri=https://tax.example/other&redirect_uri=https://"
		 "tax.example/other",
			"error.redirect_uri"},
		{"client_id=tax&redirect_uri=https://tax.example/o%C3", "error.redirect_uri"},
		{"client_id=tax&redirect_uri=https://tax.example/other%00", "error.redirect_uri"},
	};
	struct client client = rig_client();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *arena = arena_new();
		struct authz_parsed parsed;
		const char *text =
			arena_printf(arena, "response_type=code&scope=openid&%s", rows[i].query);
		rig_parse(arena, &client, text, &parsed);
		assert_int_equal(parsed.verdict, AUTHZ_PAGE);
		assert_string_equal(parsed.page_key, rows[i].page);
		assert_null(parsed.request.redirect_uri);
		assert_non_null(parsed.error.description);
		arena_free(arena);
	}
}

/* The integrator sees what was sent and what is registered; the log only a fingerprint of the
 * former. */
static void a_refused_redirect_uri_is_named_with_the_registered_ones(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct client client = rig_client();
	struct authz_parsed parsed;
	rig_parse(arena, &client, "client_id=tax&redirect_uri=https://tax.example/cb/", &parsed);
	assert_int_equal(parsed.verdict, AUTHZ_PAGE);
	assert_string_equal(parsed.error.description,
		"redirect_uri does not match a registered value. Received "
		"https://tax.example/cb/; registered: " RIG_REDIRECT " https://tax.example/other.");
	assert_null(strstr(parsed.error.logged, "tax.example/cb/"));
	arena_free(arena);
}

static void a_registered_redirect_uri_with_its_query_is_taken(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct client client = rig_client();
	struct authz_parsed parsed;
	rig_parse_with(arena, &client, "", &parsed);
	assert_int_equal(parsed.verdict, AUTHZ_GOOD);
	assert_string_equal(parsed.request.client_id, RIG_CLIENT);
	assert_string_equal(parsed.request.redirect_uri, RIG_REDIRECT);
	assert_string_equal(parsed.request.state, "s1");
	assert_int_equal(parsed.request.mode, AUTHZ_MODE_QUERY);
	assert_int_equal(parsed.request.max_age_s, -1);
	arena_free(arena);
}

/* A fault of the whole goes back to the client, if client and URI are good: RFC 6749 s3.1. */
static void broken_parameters_go_back_by_redirect(void **state)
{
	(void)state;
	static const char *const rows[] = {"nonce=a&nonce=a", "state=s1", "x=1&x=2", "nonce=%00",
		"nonce=%C3%28", "nonce=%zz", "nonce=%"};
	struct client client = rig_client();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *arena = arena_new();
		struct authz_parsed parsed;
		rig_parse_with(arena, &client, rows[i], &parsed);
		assert_int_equal(parsed.verdict, AUTHZ_REDIRECT);
		assert_int_equal(parsed.error.code, ERROR_INVALID_REQUEST);
		assert_string_equal(parsed.request.redirect_uri, RIG_REDIRECT);
		arena_free(arena);
	}
}

static void a_repeated_state_is_not_echoed(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct client client = rig_client();
	struct authz_parsed parsed;
	rig_parse_with(arena, &client, "state=s2", &parsed);
	assert_int_equal(parsed.verdict, AUTHZ_REDIRECT);
	assert_null(parsed.request.state);
	assert_non_null(strstr(parsed.error.description, "state"));
	arena_free(arena);
}

static void every_fault_keeps_state_and_mode_for_the_way_back(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct client client = rig_client();
	struct authz_parsed parsed;
	rig_parse_with(arena, &client, "response_mode=form_post&prompt=dance", &parsed);
	assert_int_equal(parsed.verdict, AUTHZ_REDIRECT);
	assert_string_equal(parsed.request.state, "s1");
	assert_int_equal(parsed.request.mode, AUTHZ_MODE_FORM_POST);
	arena_free(arena);
}

static void hint(
	struct arena *arena, enum authz_hint hint, const char *iss, struct authz_parsed *out)
{
	struct client client = rig_client();
	json_t *claims = json_pack("{s:s, s:s, s:i}", "iss", iss, "sub", "abc", "exp", 1);
	rig_parse_with(arena, &client, "", out);
	authz_request_hint(arena, out, hint, claims, RIG_ISSUER);
	json_decref(claims);
}

/* OIDC Core s6.1: request is refused, and the answer goes where its sender can place it. */
static void an_unsigned_object_tells_state_and_mode_of_its_refusal(void **state)
{
	(void)state;
	static const struct {
		const char *request, *plain, *state;
		bool form;
	} rows[] = {
		/* {"state":"s9","response_mode":"form_post"} */
		{"eyJhbGciOiJub25lIn0." OBJECT ".", "", "s9", true},
		{"eyJhbGciOiJub25lIn0." OBJECT ".", "&state=s1&response_mode=query", "s1", false},
		{"eyJhbGciOiJub25lIn0." OBJECT ".", "&state=s1", "s1", true},
		{"eyJhbGciOiJub25lIn0." OBJECT ".AA", "", NULL, false},
		{"eyJhbGciOiJFUzI1NiJ9." OBJECT ".AA", "", NULL, false},
		{"eyJhbGciOiJub25lIn0.e30.", "", NULL, false},
		{"no.object", "&state=s1", "s1", false},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *arena = arena_new();
		struct client client = rig_client();
		struct authz_parsed parsed;
		rig_parse(arena, &client,
			arena_printf(arena,
				"client_id=tax&redirect_uri=https://tax.example/other&request=%s%s",
				rows[i].request, rows[i].plain),
			&parsed);
		assert_int_equal(parsed.verdict, AUTHZ_REDIRECT);
		assert_int_equal(parsed.error.code, ERROR_REQUEST_NOT_SUPPORTED);
		assert_int_equal(parsed.request.mode == AUTHZ_MODE_FORM_POST, rows[i].form);
		if (rows[i].state)
			assert_string_equal(parsed.request.state, rows[i].state);
		else
			assert_null(parsed.request.state);
		arena_free(arena);
	}
}

static void a_hint_of_ours_names_its_sub(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct authz_parsed parsed;
	hint(arena, AUTHZ_HINT_GOOD, RIG_ISSUER, &parsed);
	assert_int_equal(parsed.verdict, AUTHZ_GOOD);
	assert_string_equal(parsed.request.hint_sub, "abc");
	hint(arena, AUTHZ_HINT_STALE, RIG_ISSUER, &parsed);
	assert_int_equal(parsed.verdict, AUTHZ_GOOD);
	assert_true(parsed.request.hint_stale);
	assert_null(parsed.request.hint_sub);
	arena_free(arena);
}

static void a_hint_of_others_is_refused(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct authz_parsed parsed;
	hint(arena, AUTHZ_HINT_BAD, RIG_ISSUER, &parsed);
	assert_int_equal(parsed.verdict, AUTHZ_REDIRECT);
	assert_int_equal(parsed.error.code, ERROR_INVALID_REQUEST);
	hint(arena, AUTHZ_HINT_GOOD, "https://evil.example", &parsed);
	assert_int_equal(parsed.verdict, AUTHZ_REDIRECT);
	assert_null(parsed.request.hint_sub);
	authz_request_hint(arena, &parsed, AUTHZ_HINT_GOOD, NULL, RIG_ISSUER);
	assert_int_equal(parsed.verdict, AUTHZ_REDIRECT);
	arena_free(arena);
}

static void a_request_survives_its_json(void **state)
{
	(void)state;
	static const char *const more =
		"nonce=n%22%E0%B8%81&prompt=login%20consent&max_age=300&display=touch&ui_locales="
		"th%20en"
		"&claims_locales=th&login_hint=a%40b&acr_values=x%20urn:pratu:loa:2"
		"&response_mode=form_post&code_challenge_method=S256&code_challenge=" RIG_CHALLENGE
		"&claims=%7B%22id_token%22%3A%7B%22email%22%3A%7B%22essential%22%3Atrue%7D%7D%7D";
	struct arena *arena = arena_new();
	struct client client = rig_client();
	struct authz_parsed parsed;
	struct authz_request again;
	rig_parse_with(arena, &client, more, &parsed);
	assert_int_equal(parsed.verdict, AUTHZ_GOOD);
	parsed.request.hint_sub = "abc";
	json_t *first = authz_request_to_json(&parsed.request);
	assert_ok(authz_request_from_json(arena, first, &again));
	json_t *second = authz_request_to_json(&again);
	assert_string_equal(json_text(arena, first), json_text(arena, second));
	assert_string_equal(again.nonce, "n\"ก");
	assert_string_equal(again.code_challenge, RIG_CHALLENGE);
	assert_string_equal(again.hint_sub, "abc");
	assert_int_equal(again.max_age_s, 300);
	assert_int_equal(again.prompt, AUTHZ_PROMPT_LOGIN | AUTHZ_PROMPT_CONSENT);
	assert_int_equal(again.mode, AUTHZ_MODE_FORM_POST);
	assert_int_equal(again.acr_values.n, 2);
	assert_true(claims_find(&again.claims, CLAIMS_ID_TOKEN, "email")->essential);
	json_decref(first);
	json_decref(second);
	arena_free(arena);
}

static void json_that_is_no_request_is_refused(void **state)
{
	(void)state;
	static const char *const rows[] = {"{}", "{\"c\":\"tax\",\"s\":[\"openid\"]}",
		"{\"c\":\"tax\",\"u\":\"https://a/\",\"s\":[\"email\"]}",
		"{\"c\":\"tax\",\"u\":\"https://a/\",\"s\":[\"openid\"],"
		"\"q\":{\"userinfo\":1}}"};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *arena = arena_new();
		struct authz_request request;
		json_t *object = json_loads(rows[i], 0, NULL);
		assert_err(authz_request_from_json(arena, object, &request), ERR_FORMAT);
		json_decref(object);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bad_client_or_redirect_uri_never_redirects),
		cmocka_unit_test(a_refused_redirect_uri_is_named_with_the_registered_ones),
		cmocka_unit_test(a_registered_redirect_uri_with_its_query_is_taken),
		cmocka_unit_test(broken_parameters_go_back_by_redirect),
		cmocka_unit_test(a_repeated_state_is_not_echoed),
		cmocka_unit_test(every_fault_keeps_state_and_mode_for_the_way_back),
		cmocka_unit_test(an_unsigned_object_tells_state_and_mode_of_its_refusal),
		cmocka_unit_test(a_hint_of_ours_names_its_sub),
		cmocka_unit_test(a_hint_of_others_is_refused),
		cmocka_unit_test(a_request_survives_its_json),
		cmocka_unit_test(json_that_is_no_request_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
