/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealed values, as they are stored in the database: one byte of format version, then AES-256-GCM
 * (nonce, ciphertext, tag) with the AAD "purpose|version|owner|key" (I7), so that a value moved to
 * another column, another owner or another key does not open.
 */
#ifndef PRATU_VAULT_SEAL_H
#define PRATU_VAULT_SEAL_H

#include "idp/base/rng.h"
#include "idp/vault/secrets.h"

/* What a value is and whose. purpose: "totp", "national_id", "signing_key". owner: a citizen_id or
 * a kid. Neither holds a '|'. */
struct seal_name {
	const char *purpose, *owner;
};

struct seal {
	struct arena *arena;
	const struct secrets *secrets;
	const struct rng *rng; /* for the nonce; may be NULL to open */
};
/* Seal plain; *sealed lives in the arena. ERR_CRYPTO. */
MUST_CHECK struct result seal_close(
	const struct seal *seal, struct seal_name name, struct bytes plain, struct bytes *sealed);
/* Open; *plain lives in the arena with a NUL behind. ERR_CRYPTO: not ours, not this owner's, or
 * damaged. */
MUST_CHECK struct result seal_open(
	const struct seal *seal, struct seal_name name, struct bytes sealed, struct bytes *plain);

#endif
