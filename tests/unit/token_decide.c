/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/oidc.h"
#include "oidc/grant_type.h"

/* RFC 7636 appendix B */
#define VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

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
			.grant_types = 1u << GRANT_authorization_code | 1u << GRANT_refresh_token,
			.scopes = str_split(arena, "openid email offline_access", ' ')},
		.request = {.type = &grant_authorization_code,
			.presented = "c",
			.redirect_uri = "https://rd.example/cb?a=b",
			.code_verifier = VERIFIER},
		.facts = {.found = true,
			.client_id = "rd",
			.expires_at_s = 1060,
			.redirect_uri = "https://rd.example/cb?a=b",
			.code_challenge = CHALLENGE,
			.grant = {.scope = "openid email offline_access", .offline = true}},
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
	struct token_question question = {&w->client, &w->request, &w->facts};
	return token_decide(w->arena, &question);
}

static struct token_decision decide_early(struct world *w)
{
	const struct token_question question = {&w->client, &w->request, NULL};
	return token_decide_early(w->arena, &question);
}

static void refused(struct world *w, enum error_code code, const char *reason)
{
	struct token_decision decision = decide(w);
	assert_int_equal(decision.action, TOKEN_REFUSE);
	assert_int_equal(decision.error.code, code);
	assert_string_equal(decision.reason, reason);
	oidc_assert_description(decision.error.description);
}

static void revokes(struct world *w, const char *reason)
{
	struct token_decision decision = decide(w);
	assert_int_equal(decision.action, TOKEN_REFUSE_AND_REVOKE);
	assert_int_equal(decision.error.code, ERROR_INVALID_GRANT);
	assert_string_equal(decision.reason, reason);
}

static void nothing_is_refused_where_all_fits(void **state)
{
	struct world *w = *state;
	assert_int_equal(decide(w).action, TOKEN_AGAIN);
	w->facts.grant.offline = false;
	w->facts.grant.session_lives = true;
	assert_int_equal(decide(w).action, TOKEN_AGAIN);
	w->facts.code_challenge = NULL;
	w->request.code_verifier = NULL;
	assert_int_equal(decide(w).action, TOKEN_AGAIN);
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

/* Who has the code and nothing else could otherwise end what its client was given. */
static void a_spent_code_revokes_only_if_the_rest_fits(void **state)
{
	struct world *w = *state;
	w->facts.spent = true;
	revokes(w, "code_reuse");
	w->facts.expired = true;
	w->facts.expired_for_s = 500;
	revokes(w, "code_reuse");
	w->request.redirect_uri = "https://rd.example/other";
	refused(w, ERROR_INVALID_GRANT, "wrong_redirect_uri");
	w->request.redirect_uri = w->facts.redirect_uri;
	w->request.code_verifier = CHALLENGE;
	refused(w, ERROR_INVALID_GRANT, "wrong_verifier");
	w->request.code_verifier = NULL;
	refused(w, ERROR_INVALID_GRANT, "verifier_missing");
}

static void refuses_an_expired_code(void **state)
{
	struct world *w = *state;
	w->facts.expired = true;
	w->facts.expired_for_s = 3;
	refused(w, ERROR_INVALID_GRANT, "code_expired");
	assert_non_null(strstr(decide(w).error.description, "3 s too late"));
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
	assert_int_equal(decide_early(w).action, TOKEN_AGAIN);
	w->client.require_pkce = true;
	assert_string_equal(decide_early(w).reason, "verifier_missing");
	w->request.code_verifier = VERIFIER;
	assert_int_equal(decide_early(w).action, TOKEN_AGAIN);
}

static void a_dead_grant_gives_nothing(void **state)
{
	struct world *w = *state;
	for (int i = 0; i < 2; i++) {
		w->request.type = i ? &grant_refresh_token : &grant_authorization_code;
		w->facts.grant.revoked = true;
		refused(w, ERROR_INVALID_GRANT, "grant_revoked");
		w->facts.grant.revoked = false;
		w->facts.grant.expired = true;
		refused(w, ERROR_INVALID_GRANT, "grant_expired");
		w->facts.grant.expired = false;
		w->facts.grant.citizen_locked = true;
		refused(w, ERROR_INVALID_GRANT, "citizen_locked");
		w->facts.grant.citizen_locked = false;
		w->facts.grant.offline = false;
		refused(w, ERROR_INVALID_GRANT, "session_ended");
		w->facts.grant.session_lives = true;
		if (i)
			refused(w, ERROR_INVALID_GRANT, "not_offline");
		else
			assert_int_equal(decide(w).action, TOKEN_AGAIN);
		w->facts.grant.offline = true;
		w->facts.grant.session_lives = false;
	}
}

static void a_spent_refresh_token_revokes_the_family(void **state)
{
	struct world *w = *state;
	w->request.type = &grant_refresh_token;
	w->client.auth_method = CLIENT_AUTH_NONE;
	w->facts.spent = true;
	revokes(w, "refresh_reuse");
	w->facts.expired = true;
	revokes(w, "refresh_reuse");
	w->facts.client_id = "other";
	refused(w, ERROR_INVALID_GRANT, "other_client");
}

static void a_public_client_may_try_again_until_the_successor_is_used(void **state)
{
	struct world *w = *state;
	w->request.type = &grant_refresh_token;
	w->client.auth_method = CLIENT_AUTH_NONE;
	w->facts.spent = true;
	w->facts.successor_unused = true;
	assert_int_equal(decide(w).action, TOKEN_AGAIN);
	w->facts.expired = true;
	refused(w, ERROR_INVALID_GRANT, "refresh_expired");
	w->facts.expired = false;
	w->client.auth_method = CLIENT_AUTH_BASIC;
	revokes(w, "refresh_reuse");
}

static void refuses_a_refresh_that_is_not_due(void **state)
{
	struct world *w = *state;
	w->request.type = &grant_refresh_token;
	assert_int_equal(decide(w).action, TOKEN_AGAIN);
	w->facts.expired = true;
	refused(w, ERROR_INVALID_GRANT, "refresh_expired");
}

static void a_grant_type_must_be_registered(void **state)
{
	struct world *w = *state;
	w->request.type = &grant_refresh_token;
	assert_int_equal(decide_early(w).action, TOKEN_AGAIN);
	w->client.grant_types = 1u << GRANT_authorization_code;
	const struct token_decision decision = decide_early(w);
	assert_int_equal(decision.action, TOKEN_REFUSE);
	assert_int_equal(decision.error.code, ERROR_UNAUTHORIZED_CLIENT);
	assert_string_equal(decision.reason, "grant_type_not_registered");
	assert_non_null(strstr(decision.error.description, "refresh_token"));
	w->request.type = &grant_authorization_code;
	assert_int_equal(decide_early(w).action, TOKEN_AGAIN);
}

static void a_refresh_never_widens(void **state)
{
	struct world *w = *state;
	w->request.type = &grant_refresh_token;
	w->request.scope = str_split(w->arena, "email openid", ' ');
	assert_int_equal(decide(w).action, TOKEN_AGAIN);
	w->request.scope = str_split(w->arena, "openid phone", ' ');
	refused(w, ERROR_INVALID_SCOPE, "scope_widened");
}

/* RFC 6749 s3.3: a scope is not empty. */
static void a_refresh_for_nothing_but_withdrawn_scopes_is_refused(void **state)
{
	struct world *w = *state;
	w->request.type = &grant_refresh_token;
	w->client.scopes = str_split(w->arena, "openid offline_access", ' ');
	w->request.scope = str_split(w->arena, "email openid", ' ');
	assert_int_equal(decide(w).action, TOKEN_AGAIN);
	w->request.scope = str_split(w->arena, "email", ' ');
	refused(w, ERROR_INVALID_SCOPE, "scope_unregistered");
}

static const char *scopes(struct world *w, const char *wanted)
{
	const struct str_list names = str_split(w->arena, wanted, ' ');
	const struct str_list out = token_decide_scopes(w->arena, &w->client, &names);
	return str_join(w->arena, &out, " ");
}

static void only_registered_and_wanted_scopes_are_given(void **state)
{
	struct world *w = *state;
	assert_string_equal(scopes(w, ""), "openid email offline_access");
	assert_string_equal(scopes(w, "email openid phone"), "openid email");
	w->client.scopes = str_split(w->arena, "openid", ' ');
	assert_string_equal(scopes(w, "email"), "");
}

static void each_grant_type_is_found_by_its_name(void **state)
{
	struct world *w = *state;
	for (int i = 0; i < GRANT_TYPES_N; i++) {
		const struct grant_type *type = grant_type_of((enum grant_type_id)i);
		assert_int_equal(type->id, i);
		assert_ptr_equal(grant_type_find(type->name), type);
	}
	assert_null(grant_type_find("password"));
	assert_null(grant_type_find(NULL));
	assert_string_equal(
		grant_type_names(w->arena, "or"), "authorization_code or refresh_token");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_refused_where_all_fits, setup, teardown),
		cmocka_unit_test_setup_teardown(
			refuses_an_unknown_or_foreign_code, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_spent_code_revokes_only_if_the_rest_fits, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_an_expired_code, setup, teardown),
		cmocka_unit_test_setup_teardown(
			redirect_uri_is_compared_byte_for_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(
			verifier_and_challenge_belong_together, setup, teardown),
		cmocka_unit_test_setup_teardown(a_dead_grant_gives_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_spent_refresh_token_revokes_the_family, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_public_client_may_try_again_until_the_successor_is_used, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_a_refresh_that_is_not_due, setup, teardown),
		cmocka_unit_test_setup_teardown(a_grant_type_must_be_registered, setup, teardown),
		cmocka_unit_test_setup_teardown(a_refresh_never_widens, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_refresh_for_nothing_but_withdrawn_scopes_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			only_registered_and_wanted_scopes_are_given, setup, teardown),
		cmocka_unit_test_setup_teardown(
			each_grant_type_is_found_by_its_name, setup, teardown),
	};
	return cmocka_run_group_tests_name("oidc/token_decide", tests, NULL, NULL);
}
