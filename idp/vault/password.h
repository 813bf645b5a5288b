/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Password hashes: NFC, a keyed hash (the pepper), then Argon2id by libsodium; the only place that
 * includes it. Each computation takes tens of milliseconds and the memory of the settings: run
 * them through idp/vault/hasher.h.
 */
#ifndef PRATU_VAULT_PASSWORD_H
#define PRATU_VAULT_PASSWORD_H

#include "idp/vault/secrets.h"
#include <stdbool.h>

#define PASSWORD_MIN 8 /* bytes of NFC UTF-8 */
#define PASSWORD_MAX 256
#define PASSWORD_HASH_SIZE 128 /* with its NUL */

/* Once, before any other. ERR_CRYPTO. */
MUST_CHECK struct result password_init(void);

/* What Argon2id is computed over. */
struct password_peppered {
	uint8_t bytes[SHA256_LEN];
};

enum password_shape {
	PASSWORD_SHAPE_GOOD,
	PASSWORD_SHAPE_SHORT,
	PASSWORD_SHAPE_LONG,
	PASSWORD_SHAPE_NO_TEXT, /* no UTF-8 */
};

/* Normalise and pepper. *out is set whatever the shape, so that a password of a bad shape can be
 * made to cost the same. */
enum password_shape password_pepper(struct arena *arena, const struct secrets *secrets,
	const char *text, struct password_peppered *out);

struct password_cost {
	int64_t memory_kib, passes;
};

/* Can the machine give the memory of n computations at once? Asked when the vault starts, so that
 * it is not at a citizen's sign-in that this is found out. ERR_CRYPTO: no. */
MUST_CHECK struct result password_memory(const struct password_cost *cost, size_t n);
/* A new hash string. ERR_CRYPTO: out of memory. */
MUST_CHECK struct result password_hash(const struct password_peppered *in,
	const struct password_cost *cost, char out[static PASSWORD_HASH_SIZE]);
/* Does it fit the hash string? ERR_CRYPTO, and the password was not judged: out of memory, or
 * the string is none that password_hash made. */
MUST_CHECK struct result password_verify(
	const struct password_peppered *in, const char *hash, bool *good);
/* Was the hash string made at another cost? */
bool password_outdated(const char *hash, const struct password_cost *cost);
/* What the check of a hash string that was made at less cost saves against cost. No passes: nothing
 * that counts. */
struct password_cost password_saved(const char *hash, const struct password_cost *cost);
/* Compute for nothing what that costs, so that the time of a check tells nothing of the hash. No
 * passes: nothing is done. ERR_CRYPTO: out of memory. */
MUST_CHECK struct result password_spend(const struct password_cost *saved);

#endif
