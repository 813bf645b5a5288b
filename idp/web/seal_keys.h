/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys that seal sign-in transactions, one for each epoch (idp/io/seal_epoch.h). The vault
 * gives them out, the same to every web process; they are held in memory, refreshed by upkeep, and
 * requested again when a plausible epoch is missing. Thread-safe.
 */
#ifndef PRATU_WEB_SEAL_KEYS_H
#define PRATU_WEB_SEAL_KEYS_H

#include "idp/base/crypto.h"
#include "idp/io/seal_epoch.h"
#include "idp/page/context.h"

#define SEAL_KEYS_MAX 4 /* epochs that are held */

struct seal_key {
	int64_t epoch;
	uint8_t key[KEY_LEN];
};

struct seal_keys;

/* Holds none. Owned by the caller; never NULL. */
struct seal_keys *seal_keys_new(void);
/* Wipes them. NULL-safe. */
void seal_keys_free(struct seal_keys *keys);
/* Hold these n (at most SEAL_KEYS_MAX, more are left out) in place of all others. items are copied.
 */
void seal_keys_set(struct seal_keys *keys, const struct seal_key *items, size_t n);
/* Does it hold any? */
bool seal_keys_known(struct seal_keys *keys);
/* The key of an epoch. *found false: no key of that epoch is in use. ERR_VAULT: there should be
 * one, but the vault, which is asked at most once a second, did not give it. The caller wipes key.
 */
MUST_CHECK struct result seal_keys_find(
	struct context *ctx, int64_t epoch, uint8_t key[static KEY_LEN], bool *found);
/* Ask the vault for all of them. ERR_VAULT. */
MUST_CHECK struct result seal_keys_refresh(struct context *ctx);

#endif
