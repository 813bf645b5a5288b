/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/jose_inner.h"
#include "idp/base/crypto.h"
#include "idp/base/enc.h"
#include "idp/base/str.h"
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#define EC_LEN 32 /* bytes of a P-256 coordinate */
#define RSA_LEN_MIN 256 /* bytes of a modulus: 2048 bits (RFC 7518 s3.3) */
#define RSA_LEN_MAX 1024u /* 8192 bits: beyond, one verification costs too much */
#define RSA_TEXT_MAX 2048 /* characters of any number of a key */
#define RSA_E_LEN_MAX 8
#define KID_LEN_MAX 256

static const char *const ec_public[] = {"crv", "kty", "x", "y", NULL};
static const char *const ec_private[] = {"d", NULL};
static const char *const rsa_public[] = {"e", "kty", "n", NULL};
static const char *const rsa_private[] = {"d", "p", "q", "dp", "dq", "qi", NULL};

/* What there is to know of a key before cjose sees it. */
struct plan {
	const char *const *public_members, *const *private_members; /* in RFC 7638's order */
	size_t signature_len;
	unsigned algs;
	bool has_private;
};

/* The number that a member holds, most significant byte first; data is NULL where it holds none. */
static struct bytes member_bytes(struct arena *arena, const json_t *jwk, const char *name)
{
	const char *text = json_str(jwk, name);
	uint8_t *data = NULL;
	size_t len = 0;
	if (str_empty(text) || strlen(text) > RSA_TEXT_MAX ||
		enc_b64url_decode(arena, text, &data, &len).err != ERR_NONE || len == 0)
		return (struct bytes){NULL, 0};
	return (struct bytes){data, len};
}

/* P-256 and fixed lengths: RFC 7518 s6.2.1, s6.2.2. */
static struct result plan_ec(struct arena *arena, const json_t *jwk, struct plan *plan)
{
	static const char *const numbers[] = {"x", "y", "d"};
	if (!str_eq(json_str(jwk, "crv"), "P-256"))
		FAIL(ERR_FORMAT);
	for (size_t i = 0; i < (plan->has_private ? 3 : 2); i++) {
		if (member_bytes(arena, jwk, numbers[i]).len != EC_LEN)
			FAIL(ERR_FORMAT);
	}
	plan->public_members = ec_public;
	plan->private_members = ec_private;
	plan->signature_len = (size_t)2 * EC_LEN; /* RFC 7518 s3.4 */
	plan->algs = 1u << JOSE_ES256;
	return OK;
}

/* RFC 7518 s6.3: the fewest octets; an odd exponent of at least 3, and a modulus within our bounds.
 */
static struct result plan_rsa(struct arena *arena, const json_t *jwk, struct plan *plan)
{
	struct bytes n = member_bytes(arena, jwk, "n"), e = member_bytes(arena, jwk, "e");
	if (!n.data || !e.data)
		FAIL(ERR_FORMAT);
	if (n.len < RSA_LEN_MIN || n.len > RSA_LEN_MAX || n.data[0] == 0)
		FAIL(ERR_FORMAT);
	if (n.len == RSA_LEN_MIN && n.data[0] < 0x80)
		FAIL(ERR_FORMAT);
	if (e.len > RSA_E_LEN_MAX || e.data[0] == 0 || e.data[e.len - 1] % 2 == 0)
		FAIL(ERR_FORMAT);
	if (e.len == 1 && e.data[0] < 3)
		FAIL(ERR_FORMAT);
	for (size_t i = 0; plan->has_private && rsa_private[i]; i++) {
		if (!member_bytes(arena, jwk, rsa_private[i]).data)
			FAIL(ERR_FORMAT);
	}
	if (json_object_get(jwk, "oth"))
		FAIL(ERR_FORMAT);
	plan->public_members = rsa_public;
	plan->private_members = rsa_private;
	plan->signature_len = n.len;
	plan->algs = 1u << JOSE_RS256 | 1u << JOSE_PS256;
	return OK;
}

/* Absent, or a text that is not empty. */
static bool text_or_absent(const json_t *jwk, const char *name)
{
	return !json_object_get(jwk, name) || !str_empty(json_str(jwk, name));
}

static bool ops_allow(const json_t *ops)
{
	size_t i = 0;
	const json_t *op = NULL;
	json_array_foreach(ops, i, op)
	{
		if (str_eq(json_string_value(op), "verify") ||
			str_eq(json_string_value(op), "sign"))
			return true;
	}
	return false;
}

/* Narrow algs to what the key declares. A key for something else stays a key, and fits no
 * signature: a client's set may well hold keys for encryption. RFC 7517 s4.2 to s4.4. */
static struct result narrow(const json_t *jwk, struct plan *plan)
{
	const json_t *ops = json_object_get(jwk, "key_ops");
	const char *alg_name = json_str(jwk, "alg"), *use = json_str(jwk, "use");
	enum jose_alg alg = JOSE_ES256;
	if (!text_or_absent(jwk, "alg") || !text_or_absent(jwk, "use") ||
		!text_or_absent(jwk, "kid"))
		FAIL(ERR_FORMAT);
	if (ops && !json_is_array(ops))
		FAIL(ERR_FORMAT);
	if (alg_name)
		plan->algs &= jose_alg_parse(alg_name, &alg) ? 1u << alg : 0u;
	if ((use && !str_eq(use, "sig")) || (ops && !ops_allow(ops)))
		plan->algs = 0;
	return OK;
}

static struct result make_plan(struct arena *arena, const json_t *jwk, struct plan *plan)
{
	const char *kty = json_str(jwk, "kty"), *kid = json_str(jwk, "kid");
	plan->has_private = json_object_get(jwk, "d") != NULL;
	if (kid && strlen(kid) > KID_LEN_MAX)
		FAIL(ERR_FORMAT);
	if (str_eq(kty, "EC"))
		TRY(plan_ec(arena, jwk, plan));
	else if (str_eq(kty, "RSA"))
		TRY(plan_rsa(arena, jwk, plan));
	else
		FAIL(ERR_FORMAT);
	return narrow(jwk, plan);
}

static void copy_members(json_t *to, const json_t *from, const char *const *names)
{
	for (size_t i = 0; names[i]; i++)
		json_put(to, names[i], json_str(from, names[i]));
}

/* Only the members that were checked go to cjose. */
static cjose_jwk_t *import(const json_t *jwk, const struct plan *plan)
{
	AUTO_JSON json_t *clean = json_object();
	copy_members(clean, jwk, plan->public_members);
	if (plan->has_private)
		copy_members(clean, jwk, plan->private_members);
	struct arena *arena = arena_new(); /* wiped when released */
	const char *text = json_text(arena, clean);
	cjose_err err = {0};
	cjose_jwk_t *out = cjose_jwk_import(text, strlen(text), &err);
	arena_free(arena);
	if (!out)
		ERR_clear_error();
	return out;
}

static struct result signs_for(
	struct arena *arena, const struct jose_key *key, struct jose_key *half, enum jose_alg alg)
{
	AUTO_JSON json_t *claims = json_object();
	AUTO_JSON json_t *back = NULL;
	const struct jose_sign sign = {key, alg, NULL, claims};
	const char *compact = NULL;
	TRY(jose_sign(arena, &sign, &compact));
	const struct jose_keys keys = {&half, 1};
	const struct jose_verify verify = {compact, &keys, 1u << alg};
	if (jose_verify(&verify, NULL, &back) != JOSE_GOOD)
		FAIL(ERR_FORMAT);
	return OK;
}

/* Do the private members belong to the public ones? cjose does not ask: for EC it even makes its
 * own public half. So what the key signs must verify with the public members alone. */
static struct result self_test(
	struct arena *arena, const json_t *jwk, const struct plan *plan, const struct jose_key *key)
{
	struct plan only_public = *plan;
	only_public.has_private = false;
	struct jose_key half = *key;
	half.jwk = import(jwk, &only_public);
	if (!half.jwk)
		FAIL(ERR_FORMAT);
	struct result result = OK;
	for (unsigned alg = JOSE_ES256; alg <= JOSE_PS256 && result.err == ERR_NONE; alg++) {
		if ((key->algs & 1u << alg) != 0)
			result = signs_for(arena, key, &half, (enum jose_alg)alg);
	}
	cjose_jwk_release(half.jwk);
	return result;
}

static struct result build(
	struct arena *arena, const json_t *jwk, const struct plan *plan, struct jose_key *key)
{
	const char *kid = json_str(jwk, "kid");
	key->algs = plan->algs;
	key->has_private = plan->has_private;
	key->signature_len = plan->signature_len;
	key->jwk = import(jwk, plan);
	key->public_jwk = json_object();
	if (!key->jwk || !key->public_jwk)
		FAIL(ERR_FORMAT);
	copy_members(key->public_jwk, jwk, plan->public_members);
	key->kid = strdup(kid ? kid : jose_thumbprint(arena, jwk));
	if (!key->kid)
		FAIL(ERR_CRYPTO);
	return key->has_private ? self_test(arena, jwk, plan, key) : OK;
}

static struct result from_jwk(struct arena *arena, const json_t *jwk, struct jose_key **out)
{
	struct plan plan = {0};
	TRY(make_plan(arena, jwk, &plan));
	struct jose_key *key = calloc(1, sizeof(*key));
	if (!key)
		FAIL(ERR_CRYPTO);
	struct result made = build(arena, jwk, &plan, key);
	if (made.err != ERR_NONE) {
		jose_key_free(key);
		FAIL(ERR_FORMAT);
	}
	*out = key;
	return OK;
}

struct result jose_key_from_jwk(const json_t *jwk, struct jose_key **out)
{
	struct arena *arena = arena_new();
	struct result made = from_jwk(arena, jwk, out);
	arena_free(arena);
	return made;
}

/* The whole key as a JWK object, NULL on failure. */
static json_t *to_json(const cjose_jwk_t *jwk)
{
	cjose_err err = {0};
	char *text = cjose_jwk_to_json(jwk, true, &err);
	if (!text)
		return NULL;
	json_t *object = NULL;
	struct result parsed = json_parse(text, strlen(text), &object, NULL);
	explicit_bzero(text, strlen(text));
	cjose_get_dealloc()(text);
	return parsed.err == ERR_NONE ? object : NULL;
}

struct result jose_key_generate(enum jose_alg alg, struct jose_key **out)
{
	static const uint8_t exponent[] = {1, 0, 1};
	cjose_err err = {0};
	cjose_jwk_t *jwk = alg == JOSE_ES256 ? cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &err)
					     : cjose_jwk_create_RSA_random(
						       2048, exponent, sizeof(exponent), &err);
	if (!jwk)
		FAIL(ERR_CRYPTO);
	AUTO_JSON json_t *object = to_json(jwk);
	cjose_jwk_release(jwk);
	if (!object || jose_key_from_jwk(object, out).err != ERR_NONE)
		FAIL(ERR_CRYPTO);
	return OK;
}

void jose_key_free(struct jose_key *key)
{
	if (!key)
		return;
	cjose_jwk_release(key->jwk);
	json_decref(key->public_jwk);
	free(key->kid);
	free(key);
}

const char *jose_key_kid(const struct jose_key *key)
{
	return key->kid;
}

json_t *jose_key_public(const struct jose_key *key, enum jose_alg alg)
{
	json_t *jwk = json_deep_copy(key->public_jwk);
	json_put(jwk, "kid", key->kid);
	json_put(jwk, "alg", jose_alg_name(alg));
	json_put(jwk, "use", "sig");
	return jwk;
}

json_t *jose_key_private(const struct jose_key *key)
{
	json_t *jwk = key->has_private ? to_json(key->jwk) : NULL;
	if (jwk)
		json_put(jwk, "kid", key->kid);
	return jwk;
}
