/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/jose_inner.h"
#include "idp/base/crypto.h"
#include "idp/base/enc.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include <openssl/err.h>
#include <string.h>

#define COMPACT_MAX 16384 /* bytes of a compact JWS */
#define TRIES_MAX 16 /* keys tried for a token that names none */

static const char *const alg_names[] = {
	[JOSE_ES256] = "ES256",
	[JOSE_RS256] = "RS256",
	[JOSE_PS256] = "PS256",
};

bool jose_alg_parse(const char *name, enum jose_alg *out)
{
	for (size_t i = 0; i < sizeof(alg_names) / sizeof(alg_names[0]); i++) {
		if (str_eq(name, alg_names[i])) {
			*out = (enum jose_alg)i;
			return true;
		}
	}
	return false;
}

const char *jose_alg_name(enum jose_alg alg)
{
	return alg_names[alg];
}

const char *jose_thumbprint(struct arena *arena, const json_t *jwk)
{
	/* RFC 7638 s3.2: the required members in lexicographic order, and nothing else. */
	static const char *const ec[] = {"crv", "kty", "x", "y", NULL};
	static const char *const rsa[] = {"e", "kty", "n", NULL};
	const char *const *names = str_eq(json_str(jwk, "kty"), "EC")    ? ec
				   : str_eq(json_str(jwk, "kty"), "RSA") ? rsa
									 : NULL;
	AUTO_JSON json_t *required = json_object();
	for (size_t i = 0; names && names[i]; i++) {
		const char *value = json_str(jwk, names[i]);
		if (!value)
			return NULL;
		json_put(required, names[i], value);
	}
	return !names ? NULL
		      : enc_b64url(arena, crypto_sha256_text(arena, json_text(arena, required)),
				SHA256_LEN);
}

static json_t *sign_header(const struct jose_sign *in)
{
	json_t *header = json_object();
	json_put(header, "alg", jose_alg_name(in->alg));
	json_put(header, "typ", in->typ);
	json_put(header, "kid", in->key->kid);
	return header;
}

struct result jose_sign(struct arena *arena, const struct jose_sign *in, const char **out)
{
	if (!in->key->has_private || (in->key->algs & 1u << in->alg) == 0)
		FAIL(ERR_CRYPTO);
	AUTO_JSON json_t *header = sign_header(in);
	const char *claims = json_text(arena, in->claims);
	const char *compact = NULL;
	cjose_err err = {0};
	cjose_jws_t *jws =
		cjose_jws_sign(in->key->jwk, header, (const uint8_t *)claims, strlen(claims), &err);
	if (jws && cjose_jws_export(jws, &compact, &err))
		*out = arena_strdup(arena, compact);
	cjose_jws_release(jws);
	if (!compact) {
		ERR_clear_error();
		FAIL(ERR_CRYPTO);
	}
	return OK;
}

/* A compact JWS taken apart. */
struct parts {
	json_t *header, *claims;
	const char *signature; /* still in base64url */
};

static void parts_auto(struct parts *parts)
{
	json_decref(parts->header);
	json_decref(parts->claims);
}
#define AUTO_PARTS __attribute__((cleanup(parts_auto)))

/* One base64url part that must hold a JSON object. */
static struct result parse_object(struct arena *arena, const char *part, size_t len, json_t **out)
{
	uint8_t *bytes = NULL;
	size_t n = 0;
	AUTO_JSON json_t *value = NULL;
	TRY(enc_b64url_decode(arena, arena_strndup(arena, part, len), &bytes, &n));
	TRY(json_parse((const char *)bytes, n, &value, NULL));
	if (!json_is_object(value))
		FAIL(ERR_FORMAT);
	*out = value;
	value = NULL;
	return OK;
}

/* RFC 7515 s5.2 steps 1 to 5. What fails leaves in *parts what was made, for its release. */
static struct result take_apart(struct arena *arena, const char *compact, struct parts *parts)
{
	if (!compact || strnlen(compact, COMPACT_MAX + 1) > COMPACT_MAX)
		FAIL(ERR_FORMAT);
	const char *first = strchr(compact, '.');
	const char *second = first ? strchr(first + 1, '.') : NULL;
	if (!second || strchr(second + 1, '.'))
		FAIL(ERR_FORMAT);
	TRY(parse_object(arena, compact, (size_t)(first - compact), &parts->header));
	TRY(parse_object(arena, first + 1, (size_t)(second - first - 1), &parts->claims));
	parts->signature = second + 1;
	/* We understand no extension, so every crit is one that must be refused (s4.1.11). */
	const json_t *kid = json_object_get(parts->header, "kid");
	if (json_object_get(parts->header, "crit") || (kid && !json_is_string(kid)))
		FAIL(ERR_FORMAT);
	return OK;
}

/* A good signature must not be called bad because memory was out. */
static void check_memory(const cjose_err *err)
{
	if (err->code == CJOSE_ERR_NO_MEMORY ||
		ERR_GET_REASON(ERR_peek_error()) == ERR_R_MALLOC_FAILURE)
		log_die("jose", "out of memory");
}

/* By cjose, which has its own idea of what to accept: everything but the signature itself was
 * checked before. */
static bool signature_good(const char *compact, const struct jose_key *key)
{
	cjose_err err = {0};
	cjose_jws_t *jws = cjose_jws_import(compact, strlen(compact), &err);
	bool good = jws && cjose_jws_verify(jws, key->jwk, &err);
	cjose_jws_release(jws);
	if (!good) {
		check_memory(&err);
		ERR_clear_error();
	}
	return good;
}

static enum jose_verdict try_keys(
	const struct jose_verify *in, const char *kid, enum jose_alg alg, size_t signature_len)
{
	enum jose_verdict verdict = JOSE_KEY_UNKNOWN;
	size_t tries = 0;
	for (size_t i = 0; i < in->keys->n && tries < TRIES_MAX; i++) {
		const struct jose_key *key = in->keys->items[i];
		if ((key->algs & 1u << alg) == 0 || (kid && !str_eq(kid, key->kid)))
			continue;
		tries++;
		verdict = JOSE_BAD_SIGNATURE;
		/* cjose accepts a signature of any length for ES256; RFC 7518 s3.4 and RFC 8017 s8
		 * fix it. */
		if (signature_len == key->signature_len && signature_good(in->compact, key))
			return JOSE_GOOD;
	}
	return verdict;
}

static enum jose_verdict verify(
	struct arena *arena, const struct jose_verify *in, struct parts *parts)
{
	enum jose_alg alg = JOSE_ES256;
	uint8_t *signature = NULL;
	size_t len = 0;
	if (take_apart(arena, in->compact, parts).err != ERR_NONE)
		return JOSE_MALFORMED;
	if (!jose_alg_parse(json_str(parts->header, "alg"), &alg) || (in->allowed & 1u << alg) == 0)
		return JOSE_ALG_REFUSED;
	if (enc_b64url_decode(arena, parts->signature, &signature, &len).err != ERR_NONE ||
		len == 0)
		return JOSE_MALFORMED;
	return try_keys(in, json_str(parts->header, "kid"), alg, len);
}

enum jose_verdict jose_verify(const struct jose_verify *in, json_t **header, json_t **claims)
{
	AUTO_PARTS struct parts parts = {NULL, NULL, NULL};
	struct arena *arena = arena_new();
	enum jose_verdict verdict = verify(arena, in, &parts);
	arena_free(arena);
	if (verdict != JOSE_GOOD)
		return verdict;
	if (header) {
		*header = parts.header;
		parts.header = NULL;
	}
	*claims = parts.claims;
	parts.claims = NULL;
	return JOSE_GOOD;
}

const char *jose_verdict_text(enum jose_verdict verdict)
{
	static const char *const texts[] = {
		[JOSE_GOOD] = "good",
		[JOSE_MALFORMED] = "not a well-formed compact JWS",
		[JOSE_ALG_REFUSED] = "its alg is not among those allowed",
		[JOSE_KEY_UNKNOWN] = "no registered key fits its kid and alg",
		[JOSE_BAD_SIGNATURE] = "its signature does not verify",
	};
	return texts[verdict];
}

static struct result peek(const char *compact, bool unsigned_only, json_t **claims)
{
	AUTO_PARTS struct parts parts = {NULL, NULL, NULL};
	struct arena *arena = arena_new();
	struct result taken = take_apart(arena, compact, &parts);
	arena_free(arena);
	TRY(taken);
	if (unsigned_only && (!str_eq(json_str(parts.header, "alg"), "none") || *parts.signature))
		FAIL(ERR_FORMAT);
	*claims = parts.claims;
	parts.claims = NULL;
	return OK;
}

struct result jose_peek(const char *compact, json_t **claims)
{
	return peek(compact, false, claims);
}

struct result jose_peek_unsigned(const char *compact, json_t **claims)
{
	return peek(compact, true, claims);
}
