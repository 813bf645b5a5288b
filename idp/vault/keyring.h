/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signing keys, held in memory: signing asks no database. The database is their home; a thread
 * of the vault calls keyring_refresh every few seconds, which also makes the first key of each
 * algorithm. A key is published from its creation on, signs from active_from until a newer one
 * does, and leaves the JWKS at retired_at, when no token of it can be alive any more.
 */
#ifndef PRATU_VAULT_KEYRING_H
#define PRATU_VAULT_KEYRING_H

#include "idp/base/jose.h"
#include "idp/vault/pool.h"
#include "idp/vault/seal.h"

struct keyring;

/* What making and loading keys takes. */
struct keyring_home {
	struct pool *pool;
	const struct secrets *secrets;
	struct rng rng;
};

/* Empty. home's parts are borrowed. Never NULL. */
struct keyring *keyring_new(const struct keyring_home *home);
/* NULL-safe. */
void keyring_free(struct keyring *keyring);
/* Read the keys anew, making those that are missing; wipe the private part of retired ones. ERR_DB,
 * ERR_BUSY, ERR_CRYPTO (a key was sealed by another key file). On failure the keys held before
 * stay. */
MUST_CHECK struct result keyring_refresh(struct keyring *keyring, int64_t now_s);
/* Make a new key for alg that signs from active_from_s on; the former ones leave the JWKS at
 * retire_at_s, and those that have not signed yet at once. Then refresh. ERR_DB, ERR_BUSY,
 * ERR_CRYPTO. */
struct keyring_rotation {
	enum jose_alg alg;
	int64_t now_s, active_from_s, retire_at_s;
};
MUST_CHECK struct result keyring_rotate(
	struct keyring *keyring, const struct keyring_rotation *rotation);

struct keyring_key {
	struct jose_key *key;
	enum jose_alg alg;
	int64_t active_from_s;
	int64_t retired_at_s; /* INT64_MAX: not retired */
};

/* The keys of one moment; they stay valid while held. */
struct keyring_set {
	size_t n;
	struct keyring_key *items; /* by alg, oldest first */
	int refs; /* the keyring's own, as is the next */
	uint8_t fingerprint[SHA256_LEN];
};
/* Hold the present set; each hold is followed by a keyring_release. *out may be empty. */
struct keyring_set *keyring_hold(struct keyring *keyring);
void keyring_release(struct keyring *keyring, struct keyring_set *set);
/* The key that signs for alg now, NULL if there is none. */
const struct keyring_key *keyring_current(
	const struct keyring_set *set, enum jose_alg alg, int64_t now_s);
/* Is there a key for every algorithm? */
bool keyring_ready(struct keyring *keyring, int64_t now_s);
/* The public keys that are not retired, a new JSON array. */
json_t *keyring_public(const struct keyring_set *set, int64_t now_s);

#endif
