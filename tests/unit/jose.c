/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/jose_help.h"
#include <pthread.h>

static void algorithms_have_their_names(void **state)
{
	(void)state;
	static const char *const names[] = {"ES256", "RS256", "PS256"};
	enum jose_alg alg = JOSE_ES256;
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_true(jose_alg_parse(names[i], &alg));
		assert_string_equal(jose_alg_name(alg), names[i]);
	}
	static const char *const refused[] = {"none", "None", "NONE", "HS256", "ES384", "RS512",
		"es256", "ES256 ", "", "EdDSA", "RSA-OAEP"};
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(jose_alg_parse(refused[i], &alg));
	assert_false(jose_alg_parse(NULL, &alg));
}

static void verifies_the_signatures_of_rfc_7515(void **state)
{
	(void)state;
	struct jose_key *keys[] = {key_of(A2_PUBLIC), key_of(A3_PUBLIC)};
	assert_int_equal(verdict_of(A2_JWS, keys, 2, ALL), JOSE_GOOD);
	assert_int_equal(verdict_of(A3_JWS, keys, 2, ALL), JOSE_GOOD);
	const struct jose_keys set = {keys, 2};
	const struct jose_verify in = {A3_JWS, &set, ES};
	AUTO_JSON json_t *header = NULL;
	AUTO_JSON json_t *claims = NULL;
	assert_int_equal(jose_verify(&in, &header, &claims), JOSE_GOOD);
	assert_string_equal(json_str(claims, "iss"), "joe");
	assert_int_equal(json_int(claims, "exp", 0), 1300819380);
	assert_string_equal(json_str(header, "alg"), "ES256");
	jose_key_free(keys[0]);
	jose_key_free(keys[1]);
}

static void signing_rs256_is_deterministic(void **state)
{
	(void)state;
	/* RS256 is deterministic: what we sign with the RFC's key, the RFC's public key verifies.
	 */
	struct arena *arena = arena_new();
	struct jose_key *private_key = key_of(A2_PRIVATE), *public_key = key_of(A2_PUBLIC);
	AUTO_JSON json_t *claims = json_pack("{s:s}", "iss", "joe");
	const struct jose_sign in = {private_key, JOSE_RS256, NULL, claims};
	const char *one = NULL, *two = NULL;
	assert_ok(jose_sign(arena, &in, &one));
	assert_ok(jose_sign(arena, &in, &two));
	assert_string_equal(one, two);
	assert_int_equal(verdict_of(one, &public_key, 1, RS), JOSE_GOOD);
	jose_key_free(private_key);
	jose_key_free(public_key);
	arena_free(arena);
}

static void one_alg_signs_and_verifies(enum jose_alg alg)
{
	struct arena *arena = arena_new();
	struct jose_key *key = NULL;
	assert_ok(jose_key_generate(alg, &key));
	AUTO_JSON json_t *public_jwk = jose_key_public(key, alg);
	struct jose_key *public_key = NULL;
	assert_ok(jose_key_from_jwk(public_jwk, &public_key));
	AUTO_JSON json_t *claims = json_pack("{s:s,s:i}", "sub", "ก", "exp", 5);
	const struct jose_sign sign = {key, alg, "at+jwt", claims};
	const char *compact = NULL;
	assert_ok(jose_sign(arena, &sign, &compact));
	const struct jose_keys set = {&public_key, 1};
	const struct jose_verify verify = {compact, &set, 1u << alg};
	AUTO_JSON json_t *header = NULL;
	AUTO_JSON json_t *back = NULL;
	assert_int_equal(jose_verify(&verify, &header, &back), JOSE_GOOD);
	assert_true(json_equal(claims, back));
	assert_string_equal(json_str(header, "alg"), jose_alg_name(alg));
	assert_string_equal(json_str(header, "typ"), "at+jwt");
	assert_string_equal(json_str(header, "kid"), jose_key_kid(key));
	assert_int_equal(json_object_size(header), 3);
	assert_int_equal(verdict_of(compact, &public_key, 1, ALL & ~(1u << alg)), JOSE_ALG_REFUSED);
	jose_key_free(key);
	jose_key_free(public_key);
	arena_free(arena);
}

static void signs_and_verifies_with_every_alg(void **state)
{
	(void)state;
	one_alg_signs_and_verifies(JOSE_ES256);
	one_alg_signs_and_verifies(JOSE_RS256);
	one_alg_signs_and_verifies(JOSE_PS256);
}

static void a_public_key_or_another_type_does_not_sign(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct jose_key *public_key = key_of(A3_PUBLIC), *ec = key_of(A3_PRIVATE);
	struct jose_key *ps256 = key_of(A2_PRIVATE ",\"alg\":\"PS256\"");
	AUTO_JSON json_t *claims = json_object();
	const char *compact = NULL;
	const struct jose_sign rows[] = {{public_key, JOSE_ES256, NULL, claims},
		{ec, JOSE_RS256, NULL, claims}, {ec, JOSE_PS256, NULL, claims},
		{ps256, JOSE_RS256, NULL, claims}};
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_err(jose_sign(arena, &rows[i], &compact), ERR_CRYPTO);
	assert_null(compact);
	jose_key_free(public_key);
	jose_key_free(ec);
	jose_key_free(ps256);
	arena_free(arena);
}

/* RFC 8725 s3.1: none, symmetric, and what the caller did not allow. */
/* RFC 7515 s4.1.11: what we do not understand and must, we refuse; we understand nothing. */
/* RFC 7518 s3.4: R and S, 32 bytes each. cjose would halve whatever comes. */
/* RFC 8725 s3.1: a key is used with its own algorithm only. */
static void peeking_reads_claims_without_a_key(void **state)
{
	(void)state;
	AUTO_JSON json_t *claims = NULL;
	assert_ok(jose_peek(A3_JWS, &claims));
	assert_string_equal(json_str(claims, "iss"), "joe");
	AUTO_JSON json_t *none = NULL;
	static const char *const bad[] = {"", "a.b.c", "eyJhbGciOiJFUzI1NiJ9." A_PAYLOAD};
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_err(jose_peek(bad[i], &none), ERR_FORMAT);
	assert_null(none);
}

/* What the threads of the next test share. */
struct shared {
	struct jose_key *key;
	const char *compact;
};

static void *work(void *arg)
{
	const struct shared *shared = arg;
	intptr_t faults = 0;
	for (int i = 0; i < 100; i++) {
		struct arena *arena = arena_new();
		json_t *claims = json_pack("{s:i}", "n", i), *back = NULL;
		const struct jose_sign sign = {shared->key, JOSE_ES256, "JWT", claims};
		const struct jose_keys set = {&shared->key, 1};
		const char *mine = NULL;
		faults += jose_sign(arena, &sign, &mine).err != ERR_NONE;
		const struct jose_verify one = {mine, &set, ES}, two = {shared->compact, &set, ES};
		faults +=
			jose_verify(&one, NULL, &back) != JOSE_GOOD || json_int(back, "n", -1) != i;
		json_decref(back);
		back = NULL;
		faults += jose_verify(&two, NULL, &back) != JOSE_GOOD;
		json_decref(back);
		json_decref(jose_key_public(shared->key, JOSE_ES256));
		json_decref(claims);
		arena_free(arena);
	}
	return (void *)faults;
}

static void one_key_serves_many_threads(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct shared shared = {key_of(A3_PRIVATE), NULL};
	AUTO_JSON json_t *claims = json_object();
	const struct jose_sign sign = {shared.key, JOSE_ES256, NULL, claims};
	assert_ok(jose_sign(arena, &sign, &shared.compact));
	pthread_t threads[8];
	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work, &shared), 0);
	for (size_t i = 0; i < COUNT(threads); i++) {
		void *faults = NULL;
		assert_int_equal(pthread_join(threads[i], &faults), 0);
		assert_null(faults);
	}
	jose_key_free(shared.key);
	arena_free(arena);
}

static void every_verdict_can_stand_in_a_description(void **state)
{
	(void)state;
	for (enum jose_verdict v = JOSE_GOOD; v <= JOSE_BAD_SIGNATURE; v++)
		assert_true(strlen(jose_verdict_text(v)) > 3 &&
			    strpbrk(jose_verdict_text(v), "\"\\") == NULL);
}

/* RFC 7515 appendix A.5: eyJhbGciOiJub25lIn0 is {"alg":"none"}, e30 is {}. */
static void peeks_into_what_is_unsigned_alone(void **state)
{
	(void)state;
	json_t *claims = NULL;
	assert_ok(jose_peek_unsigned("eyJhbGciOiJub25lIn0.e30.", &claims));
	assert_true(json_is_object(claims));
	json_decref(claims);
	static const char *const bad[] = {"eyJhbGciOiJub25lIn0.e30.AA", "e30.e30.",
		"eyJhbGciOiJFUzI1NiJ9.e30.", "eyJhbGciOiJub25lIn0.e30", "", A3_JWS};
	for (size_t i = 0; i < COUNT(bad); i++) {
		json_t *none = NULL;
		assert_err(jose_peek_unsigned(bad[i], &none), ERR_FORMAT);
		assert_null(none);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(algorithms_have_their_names),
		cmocka_unit_test(verifies_the_signatures_of_rfc_7515),
		cmocka_unit_test(signing_rs256_is_deterministic),
		cmocka_unit_test(signs_and_verifies_with_every_alg),
		cmocka_unit_test(a_public_key_or_another_type_does_not_sign),
		cmocka_unit_test(peeking_reads_claims_without_a_key),
		cmocka_unit_test(peeks_into_what_is_unsigned_alone),
		cmocka_unit_test(one_key_serves_many_threads),
		cmocka_unit_test(every_verdict_can_stand_in_a_description),
	};
	return cmocka_run_group_tests_name("base/jose", tests, NULL, NULL);
}
