/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/oidc.h"
#include "oidc/access_token.h"
#include "oidc/introspection.h"

#define ISSUER "https://idp.example"
#define NOW 1000

static struct error find(struct arena *arena, const char *authorization, const char *query,
	const char *form, const char **out)
{
	struct access_token_input in = {.authorization = authorization};
	in.query_verdict = params_parse(arena, query, strlen(query), &in.query);
	in.form_verdict = params_parse(arena, form, strlen(form), &in.form);
	return access_token_find(arena, &in, out);
}

/* RFC 6750 s2.1 prints this token. */
static void finds_a_bearer_token(void **state)
{
	const char *token = NULL;
	assert_int_equal(find(*state, "Bearer mF_9.B5f-4.1JqM", "", "", &token).code, ERROR_NONE);
	assert_string_equal(token, "mF_9.B5f-4.1JqM");
	assert_int_equal(find(*state, "bearer  abc==", "x=y", "", &token).code, ERROR_NONE);
	assert_string_equal(token, "abc==");
	assert_int_equal(find(*state, NULL, "", "", &token).code, ERROR_NONE);
	assert_null(token);
}

/* RFC 6750 s2.2 */
static void finds_a_token_in_the_form_where_it_is_nowhere_else(void **state)
{
	const char *token = NULL;
	assert_int_equal(find(*state, NULL, "", "access_token=abc&x=y", &token).code, ERROR_NONE);
	assert_string_equal(token, "abc");
	assert_int_equal(
		find(*state, "Basic eDp5", "", "access_token=abc", &token).code, ERROR_NONE);
	assert_string_equal(token, "abc");
}

static void refuses_a_token_elsewhere_or_broken(void **state)
{
	static const struct {
		const char *authorization, *query, *form;
	} rows[] = {{NULL, "access_token=x", ""}, {NULL, "access_token=x", "access_token=x"},
		{"Bearer x", "", "access_token=x"}, {NULL, "", "access_token="},
		{NULL, "", "access_token=x&access_token=x"},
		{"Bearer x", "", "access_token=x&access_token=x"},
		{NULL, "access_token=x&access_token=x", ""},
		{"Bearer x", "access_token=x&access_token=x", ""}, {"Bearer x", "", "a=%zz"},
		{NULL, "", "access_token=a%20b"}, {"Bearer x", "access_token=x", ""},
		{"Bearer x", "", "access_token="}, {"Bearer", "", ""}, {"Bearer ", "", ""},
		{"Bearer a b", "", ""}, {"Bearer a,b", "", ""}, {"Bearer =", "", ""},
		{"Bearer a=b", "", ""}};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *token = NULL;
		struct error error =
			find(*state, rows[i].authorization, rows[i].query, rows[i].form, &token);
		assert_int_equal(error.code, ERROR_INVALID_REQUEST);
		assert_null(token);
	}
}

static void another_scheme_brings_no_token(void **state)
{
	static const char *const rows[] = {"Basic abc", "Bearerx a", "DPoP abc", ""};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *token = "";
		assert_int_equal(find(*state, rows[i], "", "", &token).code, ERROR_NONE);
		assert_null(token);
	}
}

#define CLAIMS \
	"{\"iss\":\"" ISSUER "\",\"aud\":\"" ISSUER "\",\"sub\":\"s\",\"client_id\":\"rd\"," \
	"\"grant_id\":\"0b9e6c2e-6c5a-4a54-9c8e-1c9a3f5d7e11\",\"jti\":\"j\"," \
	"\"scope\":\"openid\",\"iat\":900,\"exp\":1200,\"acr\":\"urn:pratu:loa:2\"," \
	"\"auth_time\":800}"

static void reads_our_claims(void **state)
{
	AUTO_JSON json_t *claims = oidc_json(CLAIMS);
	struct access_token token;
	assert_true(access_token_read(*state, claims, ISSUER, NOW, &token));
	assert_string_equal(token.client_id, "rd");
	assert_string_equal(token.scope, "openid");
	assert_int_equal(token.exp_s, 1200);
	assert_int_equal(token.auth_time_s, 800);
	assert_false(access_token_read(*state, claims, ISSUER, 1200, &token));
	assert_false(access_token_read(*state, claims, "https://other.example", NOW, &token));
}

static void refuses_other_claims(void **state)
{
	static const struct {
		const char *name, *value;
	} rows[] = {{"iss", "\"https://other.example\""}, {"aud", "\"rd\""},
		{"aud", "[\"" ISSUER "\"]"}, {"sub", "null"}, {"client_id", "7"},
		{"grant_id", "\"x\""}, {"grant_id", "\"0b9e6c2e-6c5a-4a54-9c8e-1c9a3f5d7e1\""},
		{"grant_id", "\"0b9e6c2e-6c5a-4a54-9c8e-1c9a3f5d7e112\""},
		{"grant_id", "\"0b9e6c2e06c5a-4a54-9c8e-1c9a3f5d7e11\""}, {"jti", "null"},
		{"scope", "null"}, {"iat", "\"900\""}, {"exp", "\"1200\""}, {"exp", "null"}};
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_JSON json_t *claims = oidc_json(CLAIMS);
		struct access_token token;
		json_put_new(
			claims, rows[i].name, json_loads(rows[i].value, JSON_DECODE_ANY, NULL));
		if (access_token_read(*state, claims, ISSUER, NOW, &token))
			fail_msg("%s %s was taken", rows[i].name, rows[i].value);
	}
}

static struct token_facts live_facts(void)
{
	return (struct token_facts){.found = true,
		.client_id = "rd",
		.expires_at_s = NOW + 500,
		.grant = {.scope = "openid email", .offline = true}};
}

static json_t *introspect(
	struct token_facts *facts, const char *client_id, const struct access_token *access)
{
	struct introspection in = {ISSUER, client_id, facts, "s", access, NOW};
	return introspection_answer(&in);
}

static void introspection_tells_of_a_live_token(void **state)
{
	AUTO_JSON json_t *claims = oidc_json(CLAIMS);
	struct access_token token;
	struct token_facts facts = live_facts();
	assert_true(access_token_read(*state, claims, ISSUER, NOW, &token));
	AUTO_JSON json_t *access = introspect(&facts, "rd", &token);
	assert_string_equal(json_text(*state, access),
		"{\"active\":true,\"iss\":\"" ISSUER "\",\"client_id\":\"rd\",\"sub\":\"s\","
		"\"scope\":\"openid\",\"exp\":1200,\"token_type\":\"Bearer\",\"aud\":\"" ISSUER
		"\",\"jti\":\"j\",\"iat\":900,\"acr\":\"urn:pratu:loa:2\",\"auth_time\":800}");
	AUTO_JSON json_t *refresh = introspect(&facts, "rd", NULL);
	assert_string_equal(json_text(*state, refresh),
		"{\"active\":true,\"iss\":\"" ISSUER "\",\"client_id\":\"rd\",\"sub\":\"s\","
		"\"scope\":\"openid email\",\"exp\":1500}");
}

static void inactive(struct arena *arena, struct token_facts facts, const char *client_id)
{
	AUTO_JSON json_t *answer = introspect(&facts, client_id, NULL);
	assert_string_equal(json_text(arena, answer), "{\"active\":false}");
}

static void introspection_tells_nothing_of_a_dead_or_foreign_one(void **state)
{
	struct token_facts facts = live_facts();
	inactive(*state, facts, "other");
	facts.spent = true;
	inactive(*state, facts, "rd");
	facts = live_facts();
	facts.expired = true;
	inactive(*state, facts, "rd");
	facts = live_facts();
	facts.grant.revoked = true;
	inactive(*state, facts, "rd");
	facts = live_facts();
	facts.grant.offline = false;
	inactive(*state, facts, "rd");
	facts.found = false;
	inactive(*state, facts, "rd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(finds_a_bearer_token, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(finds_a_token_in_the_form_where_it_is_nowhere_else,
			oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			refuses_a_token_elsewhere_or_broken, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			another_scheme_brings_no_token, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(reads_our_claims, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(refuses_other_claims, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			introspection_tells_of_a_live_token, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			introspection_tells_nothing_of_a_dead_or_foreign_one, oidc_setup,
			oidc_teardown),
	};
	return cmocka_run_group_tests_name("oidc/access_token", tests, NULL, NULL);
}
