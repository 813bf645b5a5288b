/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/oidc.h"
#include "oidc/token_decide.h"

/* RFC 7636 appendix B */
#define VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
#define NOW 1000

/* Everything as it should be: each test spoils one thing. */
struct world {
	struct arena *arena;
	struct client client;
	struct token_request request;
	struct token_facts facts;
};

static int setup(void **state)
{
	struct arena *arena = arena_new();
	struct world *w = ARENA_NEW(arena, struct world);
	*w = (struct world){
		.arena = arena,
		.client = {.client_id = "rd",
			.auth_method = CLIENT_AUTH_BASIC,
			.grant_refresh = true,
			.scopes = str_split(arena, "openid email offline_access", ' ')},
		.request = {.grant = TOKEN_GRANT_CODE,
			.code = "c",
			.refresh_token = "r",
			.redirect_uri = "https://rd.example/cb?a=b",
			.code_verifier = VERIFIER},
		.facts = {.found = true,
			.client_id = "rd",
			.expires_at_s = NOW + 60,
			.redirect_uri = "https://rd.example/cb?a=b",
			.code_challenge = CHALLENGE,
			.grant = {.scope = "openid email offline_access",
				.expires_at_s = NOW + 900,
				.offline = true}},
	};
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	arena_free(((struct world *)*state)->arena);
	return 0;
}

static struct token_decision decide(struct world *w)
{
	struct token_question question = {&w->client, &w->request, &w->facts, NOW};
	return token_decide(w->arena, &question);
}

static void refused(struct world *w, enum error_code code, const char *reason)
{
	struct token_decision said = decide(w);
	assert_int_equal(said.action, TOKEN_REFUSE);
	assert_int_equal(said.error.code, code);
	assert_string_equal(said.reason, reason);
	oidc_assert_description(said.error.description);
}

static void revokes(struct world *w, const char *reason)
{
	struct token_decision said = decide(w);
	assert_int_equal(said.action, TOKEN_REFUSE_AND_REVOKE);
	assert_int_equal(said.error.code, ERROR_INVALID_GRANT);
	assert_string_equal(said.reason, reason);
}

static void issues_for_a_good_code(void **state)
{
	struct world *w = *state;
	struct token_decision said = decide(w);
	assert_int_equal(said.action, TOKEN_ISSUE);
	assert_string_equal(said.scope, "openid email offline_access");
	assert_true(said.id_token && said.new_refresh_token);
	w->facts.grant.offline = false;
	w->facts.grant.session_lives = true;
	said = decide(w);
	assert_int_equal(said.action, TOKEN_ISSUE);
	assert_false(said.new_refresh_token);
	w->facts.code_challenge = NULL;
	w->request.code_verifier = NULL;
	assert_int_equal(decide(w).action, TOKEN_ISSUE);
}

static void refuses_an_unknown_or_foreign_code(void **state)
{
	struct world *w = *state;
	w->facts.client_id = "other";
	struct token_decision foreign = decide(w);
	refused(w, ERROR_INVALID_GRANT, "other_client");
	w->facts.spent = true;
	refused(w, ERROR_INVALID_GRANT, "other_client");
	w->facts = (struct token_facts){0};
	struct token_decision unknown = decide(w);
	refused(w, ERROR_INVALID_GRANT, "unknown");
	assert_string_equal(foreign.error.description, unknown.error.description);
}

static void a_spent_code_revokes_whatever_else_is_wrong(void **state)
{
	struct world *w = *state;
	w->facts.spent = true;
	revokes(w, "code_reuse");
	w->facts.expires_at_s = NOW - 500;
	revokes(w, "code_reuse");
	w->request.redirect_uri = "https://rd.example/other";
	revokes(w, "code_reuse");
	w->request.code_verifier = NULL;
	revokes(w, "code_reuse");
}

static void refuses_an_expired_code(void **state)
{
	struct world *w = *state;
	w->facts.expires_at_s = NOW;
	refused(w, ERROR_INVALID_GRANT, "code_expired");
	w->facts.expires_at_s = NOW + 1;
	assert_int_equal(decide(w).action, TOKEN_ISSUE);
}

static void redirect_uri_is_compared_byte_for_byte(void **state)
{
	struct world *w = *state;
	static const char *const rows[] = {"https://rd.example/cb", "https://rd.example/cb?a=b&",
		"https://RD.example/cb?a=b", "https://rd.example/cb?a=%62", ""};
	for (size_t i = 0; i < COUNT(rows); i++) {
		w->request.redirect_uri = rows[i];
		refused(w, ERROR_INVALID_GRANT, "wrong_redirect_uri");
	}
}

static void verifier_and_challenge_belong_together(void **state)
{
	struct world *w = *state;
	w->request.code_verifier = "eBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
	refused(w, ERROR_INVALID_GRANT, "wrong_verifier");
	w->request.code_verifier = CHALLENGE;
	refused(w, ERROR_INVALID_GRANT, "wrong_verifier");
	w->request.code_verifier = NULL;
	refused(w, ERROR_INVALID_GRANT, "verifier_missing");
	w->request.code_verifier = VERIFIER;
	w->facts.code_challenge = NULL;
	refused(w, ERROR_INVALID_GRANT, "verifier_unexpected");
	w->request.code_verifier = NULL;
	w->client.require_pkce = true;
	refused(w, ERROR_INVALID_GRANT, "verifier_missing");
}

static void a_dead_grant_gives_nothing(void **state)
{
	struct world *w = *state;
	for (int i = 0; i < 2; i++) {
		w->request.grant = i ? TOKEN_GRANT_REFRESH : TOKEN_GRANT_CODE;
		w->facts.grant.revoked = true;
		refused(w, ERROR_INVALID_GRANT, "grant_revoked");
		w->facts.grant.revoked = false;
		w->facts.grant.expires_at_s = NOW;
		refused(w, ERROR_INVALID_GRANT, "grant_expired");
		w->facts.grant.expires_at_s = NOW + 1;
		w->facts.grant.citizen_locked = true;
		refused(w, ERROR_INVALID_GRANT, "citizen_locked");
		w->facts.grant.citizen_locked = false;
		w->facts.grant.offline = false;
		refused(w, ERROR_INVALID_GRANT, "session_ended");
		w->facts.grant.session_lives = true;
		assert_int_equal(decide(w).action, TOKEN_ISSUE);
		w->facts.grant.offline = true;
		w->facts.grant.session_lives = false;
	}
}

static void a_refresh_rotates_for_public_clients_alone(void **state)
{
	struct world *w = *state;
	w->request.grant = TOKEN_GRANT_REFRESH;
	struct token_decision said = decide(w);
	assert_int_equal(said.action, TOKEN_ISSUE);
	assert_false(said.new_refresh_token);
	assert_true(said.id_token);
	w->client.auth_method = CLIENT_AUTH_NONE;
	said = decide(w);
	assert_int_equal(said.action, TOKEN_ISSUE);
	assert_true(said.new_refresh_token);
}

static void a_spent_refresh_token_revokes_the_family(void **state)
{
	struct world *w = *state;
	w->request.grant = TOKEN_GRANT_REFRESH;
	w->client.auth_method = CLIENT_AUTH_NONE;
	w->facts.spent = true;
	revokes(w, "refresh_reuse");
	w->facts.expires_at_s = NOW - 1;
	revokes(w, "refresh_reuse");
	w->facts.client_id = "other";
	refused(w, ERROR_INVALID_GRANT, "other_client");
}

static void refuses_a_refresh_that_is_not_due(void **state)
{
	struct world *w = *state;
	w->request.grant = TOKEN_GRANT_REFRESH;
	w->facts.expires_at_s = NOW;
	refused(w, ERROR_INVALID_GRANT, "refresh_expired");
	w->facts.expires_at_s = NOW + 1;
	w->client.grant_refresh = false;
	refused(w, ERROR_UNAUTHORIZED_CLIENT, "grant_type_not_registered");
}

static void a_refresh_narrows_and_never_widens(void **state)
{
	struct world *w = *state;
	w->request.grant = TOKEN_GRANT_REFRESH;
	w->request.scope = str_split(w->arena, "email openid", ' ');
	struct token_decision said = decide(w);
	assert_int_equal(said.action, TOKEN_ISSUE);
	assert_string_equal(said.scope, "openid email");
	w->request.scope = str_split(w->arena, "email", ' ');
	said = decide(w);
	assert_string_equal(said.scope, "email");
	assert_false(said.id_token);
	w->request.scope = str_split(w->arena, "openid phone", ' ');
	refused(w, ERROR_INVALID_SCOPE, "scope_widened");
}

static void a_narrowed_registration_narrows_what_is_given(void **state)
{
	struct world *w = *state;
	w->client.scopes = str_split(w->arena, "openid offline_access", ' ');
	assert_string_equal(decide(w).scope, "openid offline_access");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(issues_for_a_good_code, setup, teardown),
		cmocka_unit_test_setup_teardown(
			refuses_an_unknown_or_foreign_code, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_spent_code_revokes_whatever_else_is_wrong, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_an_expired_code, setup, teardown),
		cmocka_unit_test_setup_teardown(
			redirect_uri_is_compared_byte_for_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(
			verifier_and_challenge_belong_together, setup, teardown),
		cmocka_unit_test_setup_teardown(a_dead_grant_gives_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_refresh_rotates_for_public_clients_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_spent_refresh_token_revokes_the_family, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_a_refresh_that_is_not_due, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_refresh_narrows_and_never_widens, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_narrowed_registration_narrows_what_is_given, setup, teardown),
	};
	return cmocka_run_group_tests_name("oidc/token_decide", tests, NULL, NULL);
}
