/* SPDX-License-Identifier: Apache-2.0 */
/* What jose.c and jose_key.c share of a key. Nobody else includes it. */
#ifndef PRATU_BASE_JOSE_INNER_H
#define PRATU_BASE_JOSE_INNER_H

#include "idp/base/jose.h"
#include <cjose/cjose.h>

/* cjose reads a key without touching its reference count when it signs or verifies, and OpenSSL
 * locks what it caches in a key. So one key serves many threads; it is never retained, and released
 * once. */
struct jose_key {
	cjose_jwk_t *jwk;
	json_t *public_jwk; /* kty and its required members only; never changed after it was made */
	char *kid;
	size_t signature_len; /* bytes of every signature of this key */
	unsigned algs; /* what it may verify or sign, by kty, alg, use and key_ops: bits of 1 <<
			  enum jose_alg */
	bool has_private;
};

#endif
