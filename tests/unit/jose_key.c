/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/jose_help.h"
#include "idp/base/enc.h"
#include "idp/base/str.h"

static json_t *jwk_of(const char *text)
{
	json_t *jwk = NULL;
	assert_ok(json_parse(text, strlen(text), &jwk, NULL));
	return jwk;
}

/* RFC 7638 s3.1; and that optional members do not matter. */
static void the_thumbprint_is_rfc_7638_s(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	AUTO_JSON json_t *jwk = jwk_of(THUMB_JWK);
	assert_string_equal(jose_thumbprint(arena, jwk), THUMB);
	assert_int_equal(json_object_del(jwk, "kid") + json_object_del(jwk, "alg"), 0);
	assert_string_equal(jose_thumbprint(arena, jwk), THUMB);
	AUTO_JSON json_t *public_ec = jwk_of("{" A3_PUBLIC "}");
	AUTO_JSON json_t *private_ec = jwk_of("{" A3_PRIVATE "}");
	assert_string_equal(jose_thumbprint(arena, public_ec), jose_thumbprint(arena, private_ec));
	arena_free(arena);
}

static void no_thumbprint_without_the_required_members(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	static const char *const texts[] = {"{}", A1_JWK, "{\"kty\":\"RSA\",\"e\":\"AQAB\"}",
		"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" A3_X "\"}", "{\"kty\":7}"};
	for (size_t i = 0; i < COUNT(texts); i++) {
		AUTO_JSON json_t *jwk = jwk_of(texts[i]);
		assert_null(jose_thumbprint(arena, jwk));
	}
	arena_free(arena);
}

static void the_kid_is_the_member_or_else_the_thumbprint(void **state)
{
	(void)state;
	struct jose_key *named = key_of(THUMB_JWK);
	assert_string_equal(jose_key_kid(named), "2011-04-29");
	jose_key_free(named);
	AUTO_JSON json_t *jwk = jwk_of(THUMB_JWK);
	assert_int_equal(json_object_del(jwk, "kid"), 0);
	struct jose_key *unnamed = NULL;
	assert_ok(jose_key_from_jwk(jwk, &unnamed));
	assert_string_equal(jose_key_kid(unnamed), THUMB);
	jose_key_free(unnamed);
}

static void the_public_jwk_holds_no_private_member(void **state)
{
	(void)state;
	static const struct {
		const char *members;
		enum jose_alg alg;
		const char *name;
		size_t size;
	} rows[] = {{A3_PRIVATE, JOSE_ES256, "ES256", 7}, {A2_PRIVATE, JOSE_PS256, "PS256", 6}};
	static const char *const secret[] = {"d", "p", "q", "dp", "dq", "qi", "k"};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct jose_key *key = key_of(rows[i].members);
		AUTO_JSON json_t *jwk = jose_key_public(key, rows[i].alg);
		for (size_t j = 0; j < COUNT(secret); j++)
			assert_null(json_object_get(jwk, secret[j]));
		assert_string_equal(json_str(jwk, "alg"), rows[i].name);
		assert_string_equal(json_str(jwk, "use"), "sig");
		assert_string_equal(json_str(jwk, "kid"), jose_key_kid(key));
		assert_int_equal(json_object_size(jwk), rows[i].size);
		jose_key_free(key);
	}
}

static void a_private_key_comes_back_from_its_jwk(void **state)
{
	(void)state;
	static const char *const members[] = {A3_PRIVATE, A2_PRIVATE};
	static const char *const compacts[] = {A3_JWS, A2_JWS};
	for (size_t i = 0; i < COUNT(members); i++) {
		struct jose_key *key = key_of(members[i]), *again = NULL;
		AUTO_JSON json_t *jwk = jose_key_private(key);
		assert_ok(jose_key_from_jwk(jwk, &again));
		assert_string_equal(jose_key_kid(again), jose_key_kid(key));
		assert_int_equal(verdict_of(compacts[i], &again, 1, ALL), JOSE_GOOD);
		AUTO_JSON json_t *same = jose_key_private(again);
		assert_true(json_equal(jwk, same));
		jose_key_free(key);
		jose_key_free(again);
	}
	struct jose_key *public_key = key_of(A3_PUBLIC);
	assert_null(jose_key_private(public_key));
	jose_key_free(public_key);
}

/* One coordinate in 256 begins with a zero byte, which must stay: RFC 7518 s6.2.1.2. */
static void generated_keys_differ_and_always_import(void **state)
{
	(void)state;
	char *last = NULL;
	for (int i = 0; i < 700; i++) {
		struct jose_key *key = NULL;
		assert_ok(jose_key_generate(JOSE_ES256, &key));
		assert_int_equal(strlen(jose_key_kid(key)), 43);
		assert_false(str_eq(last, jose_key_kid(key)));
		free(last);
		last = strdup(jose_key_kid(key));
		jose_key_free(key);
	}
	free(last);
	struct jose_key *rsa = NULL;
	assert_ok(jose_key_generate(JOSE_RS256, &rsa));
	AUTO_JSON json_t *jwk = jose_key_public(rsa, JOSE_RS256);
	assert_int_equal(strlen(json_str(jwk, "n")), 342); /* 256 bytes */
	assert_string_equal(json_str(jwk, "e"), "AQAB");
	jose_key_free(rsa);
}

static const char *const refused[] = {
	"[]",
	"{}",
	A1_JWK,
	"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_"
	"7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
	"{\"kty\":\"ec\",\"crv\":\"P-256\",\"x\":\"" A3_X "\",\"y\":\"" A3_Y "\"}",
	"{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" A3_X "\",\"y\":\"" A3_Y "\"}",
	"{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"" A3_X "\",\"y\":\"" A3_Y "\"}",
	"{\"kty\":\"EC\",\"x\":\"" A3_X "\",\"y\":\"" A3_Y "\"}",
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" A3_X "\"}",
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" A3_X "\",\"y\":7}",
	/* not on the curve */
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" A3_X "\",\"y\":\"" A3_X "\"}",
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
	"\"y\":"
	"\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
	/* a coordinate too short, padded, in the wrong alphabet */
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQAB\",\"y\":\"" A3_Y "\"}",
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" A3_X "=\",\"y\":\"" A3_Y "\"}",
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" A3_X "\",\"y\":\"x/FEzRu9m36HLN/"
	"tue659LNpXW6pCyStikYjKIWI5a0\"}",
	/* one byte too long, and the same number: a zero before it */
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AH_Nzidw9sRdQYPL7m_bS3tYBzM1e-nvE7rPbjx70VRF\","
	"\"y\":\"" A3_Y "\"}",
	/* a private number that is not the public one's */
	"{" A3_PUBLIC ",\"d\":\"" A3_X "\"}",
	"{" A3_PUBLIC ",\"d\":\"AQAB\"}",
	"{" A3_PUBLIC ",\"d\":null}",
	/* RSA: too short; without n; even, one and missing exponents; half a private key */
	"{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"" A3_X "\"}",
	"{\"kty\":\"RSA\",\"e\":\"AQAB\"}",
	"{\"kty\":\"RSA\",\"n\":\"" A2_N "\"}",
	"{\"kty\":\"RSA\",\"e\":\"AQ\",\"n\":\"" A2_N "\"}",
	"{\"kty\":\"RSA\",\"e\":\"Ag\",\"n\":\"" A2_N "\"}",
	"{\"kty\":\"RSA\",\"e\":\"AQAC\",\"n\":\"" A2_N "\"}",
	"{\"kty\":\"RSA\",\"e\":\"AAEAAQ\",\"n\":\"" A2_N "\"}",
	"{\"kty\":\"RSA\",\"e\":\"\",\"n\":\"" A2_N "\"}",
	"{" A2_PUBLIC ",\"d\":\"AQAB\"}",
	"{" A2_PRIVATE ",\"oth\":[]}",
	/* members of a wrong type, or empty */
	"{" A3_PUBLIC ",\"kid\":1}",
	"{" A3_PUBLIC ",\"kid\":\"\"}",
	"{" A3_PUBLIC ",\"alg\":1}",
	"{" A3_PUBLIC ",\"use\":[]}",
	"{" A3_PUBLIC ",\"key_ops\":\"verify\"}",
};

static void refuses_keys_that_are_weak_or_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		AUTO_JSON json_t *jwk = jwk_of(refused[i]);
		struct jose_key *key = NULL;
		if (jose_key_from_jwk(jwk, &key).err != ERR_FORMAT)
			fail_msg("taken: %s", refused[i]);
		assert_null(key);
	}
}

static void rsa_modulus_of(struct arena *arena, size_t len, uint8_t first, enum err expected)
{
	uint8_t *n = arena_alloc(arena, len);
	memset(n, 0xa5, len);
	n[0] = first;
	AUTO_JSON json_t *jwk = json_pack(
		"{s:s,s:s,s:s}", "kty", "RSA", "e", "AQAB", "n", enc_b64url(arena, n, len));
	struct jose_key *key = NULL;
	assert_int_equal(jose_key_from_jwk(jwk, &key).err, expected);
	jose_key_free(key);
}

static void bounds_the_rsa_modulus(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	rsa_modulus_of(arena, 256, 0x80, ERR_NONE); /* 2048 bits */
	rsa_modulus_of(arena, 256, 0x7f, ERR_FORMAT); /* 2047 */
	rsa_modulus_of(arena, 255, 0xff, ERR_FORMAT);
	rsa_modulus_of(arena, 257, 0x00, ERR_FORMAT); /* not the fewest octets */
	rsa_modulus_of(arena, 1024, 0xff, ERR_NONE); /* 8192 bits */
	rsa_modulus_of(arena, 1025, 0x01, ERR_FORMAT);
	arena_free(arena);
}

static void a_kid_has_a_bound(void **state)
{
	(void)state;
	static const size_t lens[] = {256, 257};
	for (size_t i = 0; i < COUNT(lens); i++) {
		char kid[300] = {0};
		memset(kid, 'k', lens[i]);
		AUTO_JSON json_t *jwk = jwk_of("{" A3_PUBLIC "}");
		json_put(jwk, "kid", kid);
		struct jose_key *key = NULL;
		assert_int_equal(
			jose_key_from_jwk(jwk, &key).err, lens[i] > 256 ? ERR_FORMAT : ERR_NONE);
		jose_key_free(key);
	}
	jose_key_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_thumbprint_is_rfc_7638_s),
		cmocka_unit_test(no_thumbprint_without_the_required_members),
		cmocka_unit_test(the_kid_is_the_member_or_else_the_thumbprint),
		cmocka_unit_test(the_public_jwk_holds_no_private_member),
		cmocka_unit_test(a_private_key_comes_back_from_its_jwk),
		cmocka_unit_test(generated_keys_differ_and_always_import),
		cmocka_unit_test(refuses_keys_that_are_weak_or_broken),
		cmocka_unit_test(bounds_the_rsa_modulus),
		cmocka_unit_test(a_kid_has_a_bound),
	};
	return cmocka_run_group_tests_name("base/jose_key", tests, NULL, NULL);
}
