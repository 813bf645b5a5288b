/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/oidc.h"
#include "oidc/client_assertion.h"

#define NOW 1700000000
#define ISSUER "https://idp.example"

struct world {
	struct arena *arena;
	struct jose_key *key, *other;
	struct client client;
	struct client_auth_facts facts;
};

static const char *const urls[] = {ISSUER "/token", NULL};

static int setup(void **state)
{
	struct arena *arena = arena_new();
	struct world *w = ARENA_NEW(arena, struct world);
	struct jose_key **items = ARENA_ARRAY(arena, struct jose_key *, 1);
	w->arena = arena;
	assert_ok(jose_key_generate(JOSE_ES256, &w->key));
	assert_ok(jose_key_generate(JOSE_ES256, &w->other));
	items[0] = w->key;
	w->client = (struct client){.client_id = "rd",
		.auth_method = CLIENT_AUTH_PRIVATE_KEY_JWT,
		.keys = {items, 1},
		.assertion_algs = 1u << JOSE_ES256 | 1u << JOSE_PS256};
	w->facts = (struct client_auth_facts){
		.client = &w->client, .issuer = ISSUER, .audiences = urls, .now_s = NOW};
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	jose_key_free(w->key);
	jose_key_free(w->other);
	arena_free(w->arena);
	return 0;
}

static struct client_auth_decision judge(struct world *w, const char *assertion)
{
	const struct client_auth_presented presented = {
		.method = CLIENT_AUTH_PRIVATE_KEY_JWT, .client_id = "rd", .assertion = assertion};
	return client_assertion_decide(w->arena, &presented, &w->facts);
}

/* An assertion as it should be, with some members set anew by the JSON text `change`; null takes
 * one away. */
static const char *assertion(struct world *w, const struct jose_key *key, const char *change)
{
	AUTO_JSON json_t *claims = json_pack("{s:s,s:s,s:s,s:I,s:I,s:s}", "iss", "rd", "sub", "rd",
		"aud", ISSUER, "iat", (json_int_t)NOW, "exp", (json_int_t)NOW + 60, "jti", "j1");
	AUTO_JSON json_t *changes = oidc_json(change);
	const char *name;
	json_t *value;
	json_object_foreach(changes, name, value)
	{
		if (json_is_null(value))
			json_object_del(claims, name);
		else
			json_object_set(claims, name, value);
	}
	const struct jose_sign in = {key, JOSE_ES256, NULL, claims};
	const char *out = NULL;
	assert_ok(jose_sign(w->arena, &in, &out));
	return out;
}

static struct client_auth_decision decide(struct world *w, const char *change)
{
	return judge(w, assertion(w, w->key, change));
}

static void takes_a_good_assertion(void **state)
{
	static const char *const rows[] = {"{}", "{\"aud\":[\"" ISSUER "\"]}",
		"{\"aud\":\"" ISSUER "/token\"}", "{\"aud\":[\"" ISSUER "/token\",\"" ISSUER "\"]}",
		"{\"iat\":null}", "{\"nbf\":1700000000}", "{\"exp\":1700000060.5}",
		"{\"iat\":1699999940}",
		/* clocks differ by a minute, either way */
		"{\"iat\":1700000060,\"nbf\":1700000060,\"exp\":1700000120}",
		"{\"exp\":1699999941,\"iat\":1699999881}", "{\"exp\":1700000120,\"iat\":null}",
		/* a library that gives an hour: its age counts */
		"{\"exp\":1700003600}"};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct client_auth_decision decision = decide(*state, rows[i]);
		if (decision.error.code != ERROR_NONE)
			fail_msg("%s: %s", rows[i], decision.error.description);
		assert_string_equal(decision.jti, "j1");
		assert_true(decision.jti_until_s > NOW);
	}
}

static void a_jti_is_kept_as_long_as_it_would_be_taken(void **state)
{
	struct world *w = *state;
	struct client_auth_decision decision = decide(w, "{\"exp\":1700003600}");
	int64_t until = decision.jti_until_s;
	assert_true(until >= NOW + CLIENT_AUTH_MAX_AGE_S);
	w->facts.now_s = until;
	decision = decide(w, "{\"exp\":1700003600}");
	assert_int_equal(decision.error.code, ERROR_INVALID_CLIENT);
	w->facts.now_s = NOW;
	decision = decide(w, "{\"exp\":1700000030,\"iat\":null}");
	w->facts.now_s = decision.jti_until_s;
	assert_int_equal(
		decide(w, "{\"exp\":1700000030,\"iat\":null}").error.code, ERROR_INVALID_CLIENT);
}

static void refuses_what_rfc_7523_refuses(void **state)
{
	static const struct {
		const char *change, *reason;
	} rows[] = {
		{"{\"iss\":\"other\"}", "assertion_issuer"},
		{"{\"iss\":null}", "assertion_issuer"},
		{"{\"sub\":\"other\"}", "assertion_issuer"},
		{"{\"sub\":null}", "assertion_issuer"},
		{"{\"aud\":\"https://other.example\"}", "assertion_audience"},
		{"{\"aud\":\"" ISSUER "/\"}", "assertion_audience"},
		{"{\"aud\":null}", "assertion_audience"},
		{"{\"aud\":[]}", "assertion_audience"},
		{"{\"aud\":7}", "assertion_audience"},
		{"{\"aud\":[\"" ISSUER "\",\"https://other.example\"]}", "assertion_audience"},
		{"{\"jti\":null}", "assertion_jti"},
		{"{\"jti\":\"\"}", "assertion_jti"},
		{"{\"jti\":7}", "assertion_jti"},
		{"{\"exp\":null}", "assertion_malformed"},
		{"{\"exp\":\"1700000060\"}", "assertion_malformed"},
		{"{\"exp\":-5}", "assertion_malformed"},
		{"{\"iat\":\"now\"}", "assertion_malformed"},
		{"{\"exp\":99999999999999}", "assertion_malformed"},
		{"{\"exp\":1699999940}", "assertion_expired"},
		{"{\"iat\":1700000061}", "assertion_early"},
		{"{\"nbf\":1700000061}", "assertion_early"},
		{"{\"iat\":1699999879}", "assertion_old"},
		{"{\"iat\":1699999879,\"exp\":1700003600}", "assertion_old"},
		{"{\"iat\":null,\"exp\":1700000121}", "assertion_old"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct client_auth_decision decision = decide(*state, rows[i].change);
		assert_int_equal(decision.error.code, ERROR_INVALID_CLIENT);
		assert_string_equal(decision.reason, rows[i].reason);
		assert_null(decision.jti);
		oidc_assert_description(decision.error.description);
	}
}

static void refuses_another_key_alg_and_client(void **state)
{
	struct world *w = *state;
	const char *foreign = assertion(w, w->other, "{}");
	struct client_auth_decision bad = judge(w, foreign);
	assert_string_equal(bad.reason, "assertion_signature");
	w->client.assertion_algs = 1u << JOSE_RS256;
	assert_string_equal(decide(w, "{}").reason, "assertion_alg");
	w->facts.client = NULL;
	struct client_auth_decision unknown = decide(w, "{}");
	assert_string_equal(unknown.reason, "unknown_client");
	assert_string_equal(unknown.error.description, bad.error.description);
}

static void refuses_unsigned_and_cut(void **state)
{
	struct world *w = *state;
	static const char *const rows[] = {"", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJyZCJ9.",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJyZCJ9.AAAA"};
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(judge(w, rows[i]).error.code, ERROR_INVALID_CLIENT);
	char *cut = arena_strdup(w->arena, assertion(w, w->key, "{}"));
	cut[strlen(cut) - 2] = cut[strlen(cut) - 2] == 'A' ? 'B' : 'A';
	assert_string_equal(judge(w, cut).reason, "assertion_signature");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(takes_a_good_assertion, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_jti_is_kept_as_long_as_it_would_be_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_what_rfc_7523_refuses, setup, teardown),
		cmocka_unit_test_setup_teardown(
			refuses_another_key_alg_and_client, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_unsigned_and_cut, setup, teardown),
	};
	return cmocka_run_group_tests_name("oidc/client_assertion", tests, NULL, NULL);
}
