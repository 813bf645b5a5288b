/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/jose_help.h"
#include "idp/base/enc.h"

/* Sign header and payload as they stand, whatever they hold, with the A.3 key: for tokens that
 * jose_sign would never make. */
static const char *forged(struct arena *arena, const char *header, const char *payload)
{
	/* A good signature over these bytes does not matter: what is tested is refused before it is
	 * looked at. */
	return arena_printf(arena, "%s.%s.%s", enc_b64url(arena, header, strlen(header)),
		enc_b64url(arena, payload, strlen(payload)), A3_SIGNATURE);
}

static void refuses_algorithms_not_allowed(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct jose_key *keys[] = {key_of(A2_PUBLIC), key_of(A3_PUBLIC)};
	static const char *const headers[] = {"{\"alg\":\"none\"}", "{\"alg\":\"None\"}",
		"{\"alg\":\"HS256\"}", "{\"alg\":\"ES384\"}", "{\"alg\":\"es256\"}",
		"{\"alg\":\"\"}", "{\"alg\":1}", "{\"alg\":null}", "{\"alg\":[\"ES256\"]}", "{}",
		"{\"enc\":\"A128GCM\"}"};
	for (size_t i = 0; i < COUNT(headers); i++)
		assert_int_equal(verdict_of(forged(arena, headers[i], "{}"), keys, 2, ALL),
			JOSE_ALG_REFUSED);
	assert_int_equal(verdict_of(A1_JWS, keys, 2, ALL), JOSE_ALG_REFUSED);
	assert_int_equal(verdict_of(A5_JWS, keys, 2, ALL), JOSE_ALG_REFUSED);
	assert_int_equal(verdict_of(A3_JWS, keys, 2, RS | PS), JOSE_ALG_REFUSED);
	assert_int_equal(verdict_of(A2_JWS, keys, 2, ES | PS), JOSE_ALG_REFUSED);
	assert_int_equal(verdict_of(A2_JWS, keys, 2, 0), JOSE_ALG_REFUSED);
	jose_key_free(keys[0]);
	jose_key_free(keys[1]);
	arena_free(arena);
}

static void refuses_what_is_malformed(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct jose_key *key = key_of(A3_PUBLIC);
	const char *const rows[] = {
		"",
		".",
		"..",
		"...",
		"a.b",
		A3_JWS ".",
		A3_JWS ".x",
		A3_JWS "=",
		A3_JWS " ",
		" " A3_JWS,
		"eyJhbGciOiJFUzI1NiJ9." A_PAYLOAD ".",
		"eyJhbGciOiJFUzI1NiJ9.." A3_SIGNATURE,
		"eyJhbGciOiJFUzI1NiJ9." A_PAYLOAD "=." A3_SIGNATURE,
		forged(arena, "[]", "{}"),
		forged(arena, "\"ES256\"", "{}"),
		forged(arena, "{\"alg\":\"ES256\"", "{}"),
		forged(arena, "{\"alg\":\"none\",\"alg\":\"ES256\"}", "{}"),
		forged(arena, "{\"alg\":\"ES256\",\"kid\":7}", "{}"),
		forged(arena, "{\"alg\":\"ES256\"}", "text"),
		forged(arena, "{\"alg\":\"ES256\"}", "[1]"),
		forged(arena, "{\"alg\":\"ES256\"}", "{\"a\":1,\"a\":2}"),
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (verdict_of(rows[i], &key, 1, ALL) != JOSE_MALFORMED)
			fail_msg("not malformed: %s", rows[i]);
	}
	assert_int_equal(verdict_of(NULL, &key, 1, ALL), JOSE_MALFORMED);
	jose_key_free(key);
	arena_free(arena);
}

static void refuses_any_crit_header(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct jose_key *key = key_of(A3_PUBLIC);
	static const char *const headers[] = {
		"{\"alg\":\"ES256\",\"crit\":[\"b64\"],\"b64\":false}",
		"{\"alg\":\"ES256\",\"crit\":[\"exp\"],\"exp\":1}",
		"{\"alg\":\"ES256\",\"crit\":[]}", "{\"alg\":\"ES256\",\"crit\":null}"};
	for (size_t i = 0; i < COUNT(headers); i++)
		assert_int_equal(
			verdict_of(forged(arena, headers[i], "{}"), &key, 1, ALL), JOSE_MALFORMED);
	jose_key_free(key);
	arena_free(arena);
}

static void refuses_more_than_16_kib(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct jose_key *key = key_of(A3_PRIVATE);
	static const struct {
		size_t len;
		enum jose_verdict verdict;
	} rows[] = {{11900, JOSE_GOOD}, {12100, JOSE_GOOD}, {12300, JOSE_MALFORMED}};
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text = arena_alloc(arena, rows[i].len + 1);
		memset(text, 'x', rows[i].len);
		AUTO_JSON json_t *claims = json_pack("{s:s}", "pad", text);
		const struct jose_sign sign = {key, JOSE_ES256, NULL, claims};
		const char *compact = NULL;
		assert_ok(jose_sign(arena, &sign, &compact));
		assert_int_equal(strlen(compact) > 16384, rows[i].verdict == JOSE_MALFORMED);
		assert_int_equal(verdict_of(compact, &key, 1, ALL), rows[i].verdict);
	}
	jose_key_free(key);
	arena_free(arena);
}

static void refuses_signatures_that_are_bent_or_of_another_length(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct jose_key *keys[] = {key_of(A3_PUBLIC), key_of(A2_PUBLIC)};
	uint8_t *good = NULL;
	size_t len = 0;
	assert_ok(enc_b64url_decode(arena, A3_SIGNATURE, &good, &len));
	uint8_t wide[66] = {0}; /* the same two numbers, each with a zero byte before it */
	memcpy(wide + 1, good, 32);
	memcpy(wide + 34, good + 32, 32);
	static const uint8_t zeros[64] = {0};
	const struct {
		const uint8_t *bytes;
		size_t len;
	} rows[] = {{wide, 66}, {good, 63}, {good, 62}, {good, 32}, {good, 1}, {zeros, 64}};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *compact = arena_printf(arena, "eyJhbGciOiJFUzI1NiJ9.%s.%s", A_PAYLOAD,
			enc_b64url(arena, rows[i].bytes, rows[i].len));
		assert_int_equal(verdict_of(compact, keys, 2, ALL), JOSE_BAD_SIGNATURE);
	}
	for (size_t i = 0; i < 64; i++) {
		uint8_t *bent = arena_memdup(arena, good, 64);
		bent[i] ^= 1;
		const char *compact = arena_printf(arena, "eyJhbGciOiJFUzI1NiJ9.%s.%s", A_PAYLOAD,
			enc_b64url(arena, bent, 64));
		assert_int_equal(verdict_of(compact, keys, 2, ALL), JOSE_BAD_SIGNATURE);
	}
	assert_ok(enc_b64url_decode(arena, A2_SIGNATURE, &good, &len));
	const char *cut = arena_printf(
		arena, "eyJhbGciOiJSUzI1NiJ9.%s.%s", A_PAYLOAD, enc_b64url(arena, good, len - 1));
	assert_int_equal(verdict_of(cut, keys, 2, ALL), JOSE_BAD_SIGNATURE);
	jose_key_free(keys[0]);
	jose_key_free(keys[1]);
	arena_free(arena);
}

static void refuses_another_payload_under_the_signature(void **state)
{
	(void)state;
	struct jose_key *key = key_of(A3_PUBLIC);
	/* {"iss":"jim"} */
	assert_int_equal(
		verdict_of("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqaW0ifQ." A3_SIGNATURE, &key, 1, ALL),
		JOSE_BAD_SIGNATURE);
	jose_key_free(key);
}

static void the_kid_chooses_the_key(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct jose_key *signer = key_of(A3_PRIVATE ",\"kid\":\"one\"");
	struct jose_key *same_id = NULL;
	struct jose_key *renamed = key_of(A3_PUBLIC ",\"kid\":\"two\"");
	AUTO_JSON json_t *claims = json_object();
	const struct jose_sign sign = {signer, JOSE_ES256, NULL, claims};
	const char *compact = NULL;
	assert_ok(jose_sign(arena, &sign, &compact));
	assert_int_equal(verdict_of(compact, &signer, 1, ALL), JOSE_GOOD);
	assert_int_equal(verdict_of(compact, &renamed, 1, ALL), JOSE_KEY_UNKNOWN);
	assert_int_equal(verdict_of(compact, NULL, 0, ALL), JOSE_KEY_UNKNOWN);
	struct jose_key *other = NULL;
	assert_ok(jose_key_generate(JOSE_ES256, &other));
	AUTO_JSON json_t *jwk = jose_key_public(other, JOSE_ES256);
	json_put(jwk, "kid", "one");
	assert_ok(jose_key_from_jwk(jwk, &same_id));
	assert_int_equal(verdict_of(compact, &same_id, 1, ALL), JOSE_BAD_SIGNATURE);
	struct jose_key *both[] = {same_id, signer}; /* two keys of one name: each is tried */
	assert_int_equal(verdict_of(compact, both, 2, ALL), JOSE_GOOD);
	jose_key_free(signer);
	jose_key_free(renamed);
	jose_key_free(other);
	jose_key_free(same_id);
	arena_free(arena);
}

static void a_key_verifies_only_what_it_is_for(void **state)
{
	(void)state;
	static const struct {
		const char *jwk, *compact;
		enum jose_verdict verdict;
	} rows[] = {
		{A2_PUBLIC, A2_JWS, JOSE_GOOD},
		{A2_PUBLIC ",\"alg\":\"RS256\",\"use\":\"sig\"", A2_JWS, JOSE_GOOD},
		{A2_PUBLIC ",\"key_ops\":[\"verify\"]", A2_JWS, JOSE_GOOD},
		{A2_PUBLIC ",\"alg\":\"PS256\"", A2_JWS, JOSE_KEY_UNKNOWN},
		{A2_PUBLIC ",\"alg\":\"RS512\"", A2_JWS, JOSE_KEY_UNKNOWN},
		{A2_PUBLIC ",\"alg\":\"RSA-OAEP\"", A2_JWS, JOSE_KEY_UNKNOWN},
		{A2_PUBLIC ",\"use\":\"enc\"", A2_JWS, JOSE_KEY_UNKNOWN},
		{A2_PUBLIC ",\"key_ops\":[\"encrypt\"]", A2_JWS, JOSE_KEY_UNKNOWN},
		{A2_PUBLIC ",\"key_ops\":[]", A2_JWS, JOSE_KEY_UNKNOWN},
		{A2_PUBLIC, A3_JWS, JOSE_KEY_UNKNOWN},
		{A3_PUBLIC, A2_JWS, JOSE_KEY_UNKNOWN},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct jose_key *key = key_of(rows[i].jwk);
		if (verdict_of(rows[i].compact, &key, 1, ALL) != rows[i].verdict)
			fail_msg("row %zu", i);
		jose_key_free(key);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_algorithms_not_allowed),
		cmocka_unit_test(refuses_what_is_malformed),
		cmocka_unit_test(refuses_any_crit_header),
		cmocka_unit_test(refuses_more_than_16_kib),
		cmocka_unit_test(refuses_signatures_that_are_bent_or_of_another_length),
		cmocka_unit_test(refuses_another_payload_under_the_signature),
		cmocka_unit_test(the_kid_chooses_the_key),
		cmocka_unit_test(a_key_verifies_only_what_it_is_for),
	};
	return cmocka_run_group_tests_name("base/jose: refusals", tests, NULL, NULL);
}
