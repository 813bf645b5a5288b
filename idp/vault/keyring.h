/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signing keys, held in memory: signing asks no database. They are stored in the database; a
 * thread of the vault calls keyring_refresh every few seconds, which also makes the first key of
 * each algorithm. A key is published from its creation on. It signs as soon as it is old enough and
 * every live web process publishes it (vault.keys_begin), until a newer one signs, and leaves the
 * JWKS at retired_at, when no token of it can be valid any more.
 */
#ifndef PRATU_VAULT_KEYRING_H
#define PRATU_VAULT_KEYRING_H

#include "idp/base/jose.h"
#include "idp/base/settings.h"
#include "idp/base/str.h"
#include "idp/vault/pool.h"
#include "idp/vault/seal.h"

struct keyring;

/* What making and loading keys takes. */
struct keyring_home {
	struct pool *pool;
	const struct secrets *secrets;
	struct rng rng;
	int64_t keep_s; /* that a key stays in the JWKS after its successor began to sign */
};

/* For keep_s: as long as anything signed with a former key can be used. */
int64_t keyring_keep_s(const struct settings *settings);
/* Empty. home's parts are borrowed. Never NULL. */
struct keyring *keyring_new(const struct keyring_home *home);
/* NULL-safe. */
void keyring_free(struct keyring *keyring);
/* Read the keys again, making those that are missing; let those sign that may; wipe the private
 * part of retired ones. ERR_DB, ERR_BUSY, ERR_CRYPTO (a key was sealed by another key file). On
 * failure the keys held before stay. */
MUST_CHECK struct result keyring_refresh(struct keyring *keyring, int64_t now_s);
struct keyring_rotation {
	enum jose_alg alg;
	int64_t now_s, wait_s;
};
/* Make a new key for alg that signs in wait_s seconds at the earliest; keys that have not signed
 * yet and would begin later are withdrawn. Then refresh. ERR_DB, ERR_BUSY, ERR_CRYPTO. */
MUST_CHECK struct result keyring_rotate(
	struct keyring *keyring, const struct keyring_rotation *rotation);
struct keyring_publisher {
	const char *process_id; /* a UUID */
	struct str_list kids;
};
/* Record that a web process publishes the keys of these kids, and read the keys again if that let
 * one sign or if one it must publish is not held here. Keys that waited only for this process sign
 * from now on. ERR_DB, ERR_BUSY, ERR_CRYPTO; ERR_ABSENT: what it must publish is not held here, and
 * its publication was not recorded for certain. */
MUST_CHECK struct result keyring_publish(
	struct keyring *keyring, const struct keyring_publisher *publisher, int64_t now_s);
/* A web process ends. ERR_DB, ERR_BUSY. */
MUST_CHECK struct result keyring_leave(struct keyring *keyring, const char *process_id);

struct keyring_key {
	struct jose_key *key;
	enum jose_alg alg;
	int64_t active_from_s; /* when it may begin to sign */
	int64_t signs_since_s; /* INT64_MAX: it has not begun */
	int64_t retired_at_s; /* INT64_MAX: not retired */
};

/* The keys of one moment; they stay valid while held. */
struct keyring_set {
	size_t n;
	struct keyring_key *items; /* by alg, in the order in which they begin to sign */
	int refs; /* the keyring's own, as is the next */
	uint8_t fingerprint[SHA256_LEN];
};
/* Hold the present set; each hold is followed by a keyring_release. *out may be empty. */
struct keyring_set *keyring_hold(struct keyring *keyring);
void keyring_release(struct keyring *keyring, struct keyring_set *set);
/* The key that signs for alg now, NULL if there is none. */
const struct keyring_key *keyring_current(
	const struct keyring_set *set, enum jose_alg alg, int64_t now_s);
/* Were the keys read in the last KEYS_TRUE_S seconds? If not, nothing may be signed: another vault
 * may have taken a key out of use. */
bool keyring_fresh(struct keyring *keyring);
/* Is there a key for every algorithm that may sign now? */
bool keyring_ready(struct keyring *keyring, int64_t now_s);
/* Is there a key for every algorithm, signing or not? */
bool keyring_complete(const struct keyring_set *set);
/* The public keys that are not retired, a new JSON array. */
json_t *keyring_public(const struct keyring_set *set, int64_t now_s);

#endif
