/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JWS, JWK and JWKS on cjose; the only place that includes it. ES256, RS256 and PS256; every other
 * alg, and "none" first of all, is refused. Whose keys they are, and what the claims mean, is the
 * caller's matter.
 */
#ifndef PRATU_BASE_JOSE_H
#define PRATU_BASE_JOSE_H

#include "idp/base/json.h"
#include "idp/base/result.h"

enum jose_alg {
	JOSE_ES256,
	JOSE_RS256,
	JOSE_PS256,
};

/* One public or private key with its kid. Immutable; many threads may use it at once. */
struct jose_key;

/* By the name of RFC 7518 s3.1 ("ES256"). False: name is NULL or no algorithm that Pratu uses. */
bool jose_alg_parse(const char *name, enum jose_alg *out);
/* The name of RFC 7518 s3.1. Static storage. */
const char *jose_alg_name(enum jose_alg alg);

/* A new private key for alg (P-256, or RSA of 2048 bits); its kid is the RFC 7638 thumbprint.
 * ERR_CRYPTO. */
MUST_CHECK struct result jose_key_generate(enum jose_alg alg, struct jose_key **out);
/* From a JWK object (RFC 7517). Private members are kept if there, and must fit the public ones.
 * kid: the member, or else the thumbprint. RSA under 2048 or over 8192 bits, other curves than
 * P-256, and symmetric keys are refused: ERR_FORMAT. A key that is declared for something else
 * (use, key_ops, alg) is taken, and verifies nothing. */
MUST_CHECK struct result jose_key_from_jwk(const json_t *jwk, struct jose_key **out);
/* NULL-safe. */
void jose_key_free(struct jose_key *key);
const char *jose_key_kid(const struct jose_key *key);
/* The JWK as a new object: public with kid, alg, use "sig"; or with the private members. */
json_t *jose_key_public(const struct jose_key *key, enum jose_alg alg);
json_t *jose_key_private(const struct jose_key *key);
/* RFC 7638 SHA-256 thumbprint, base64url. */
const char *jose_thumbprint(struct arena *arena, const json_t *jwk);

struct jose_sign {
	const struct jose_key *key;
	enum jose_alg alg;
	const char *typ;
	const json_t *claims;
};
/* Sign claims as a compact JWS with the header alg, kid, typ (NULL: none). *out lives in the arena.
 * ERR_CRYPTO. */
MUST_CHECK struct result jose_sign(
	struct arena *arena, const struct jose_sign *in, const char **out);

/* Why a compact JWS was not accepted. */
enum jose_verdict {
	JOSE_GOOD,
	/* not three base64url parts; header or payload no JSON object; over 16 KiB; a crit header
	 */
	JOSE_MALFORMED,
	JOSE_ALG_REFUSED, /* not among those allowed */
	JOSE_KEY_UNKNOWN, /* no key of the set fits kid and alg */
	JOSE_BAD_SIGNATURE,
};

struct jose_keys {
	struct jose_key *const *items;
	size_t n;
};

struct jose_verify {
	const char *compact;
	const struct jose_keys *keys;
	unsigned allowed; /* a bit set of 1 << enum jose_alg */
};
/* Verify against the keys that fit kid (all of the right type, if the token names none) and return
 * the claims. On JOSE_GOOD *header (may be NULL) and *claims are owned by the caller, who checks
 * typ in *header. RFC 7515 s5.2. */
enum jose_verdict jose_verify(const struct jose_verify *in, json_t **header, json_t **claims);
/* A verdict as words for the log. Static storage. */
const char *jose_verdict_text(enum jose_verdict verdict);
/* The claims without any check of the signature: only to find which client sent it. ERR_FORMAT. */
MUST_CHECK struct result jose_peek(const char *compact, json_t **claims);
/* The claims of a JWS without a signature: alg "none" and an empty signature (RFC 7515 appendix
 * A.5). They prove nothing. ERR_FORMAT, also for one that is signed. */
MUST_CHECK struct result jose_peek_unsigned(const char *compact, json_t **claims);

#endif
