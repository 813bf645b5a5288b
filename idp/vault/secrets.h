/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys that the vault works with, all derived from the one in the key file (HKDF, a label
 * each). They live in one page that is locked in memory, left out of core dumps and wiped at the
 * end. Only idp/vault sees them.
 */
#ifndef PRATU_VAULT_SECRETS_H
#define PRATU_VAULT_SECRETS_H

#include "idp/base/crypto.h"
#include "idp/base/result.h"

#define SECRETS_ID_LEN 8 /* hex digits */

struct secrets {
	uint8_t seal[KEY_LEN]; /* of seeds, national IDs and signing keys */
	uint8_t blind_index[KEY_LEN]; /* finds a citizen by a login name */
	uint8_t pepper[KEY_LEN]; /* over passwords, before Argon2id */
	uint8_t factor_hash[KEY_LEN]; /* over codes of factors that are stored as a hash */
	uint8_t partial[KEY_LEN], ticket[KEY_LEN], grant[KEY_LEN]; /* MACs, one for each kind */
	uint8_t throttle[KEY_LEN]; /* names buckets */
	uint8_t login[KEY_LEN]; /* names unknown logins in the audit log */
	uint8_t transaction[KEY_LEN]; /* gives each epoch's key for sign-in transactions */
	uint8_t outbox[KEY_LEN]; /* gives each epoch's key for messages */
	uint8_t report[KEY_LEN]; /* of delivery reports; the courier's to use */
	uint8_t challenge[KEY_LEN]; /* over codes that are sent, and names whom they are sent to */
	char id[SECRETS_ID_LEN + 1]; /* tells which key sealed a value; tells nothing of it */
};

/* Read the key file: 64 hex digits and at most one line end. A file that others than its owner may
 * read is refused, and, but for root, one that belongs to somebody else. *out: release with
 * secrets_free. ERR_CONFIG, with a line in the log that names the remedy. */
MUST_CHECK struct result secrets_load(const char *path, struct secrets **out);
/* From the key itself, for tests. ERR_CRYPTO. */
MUST_CHECK struct result secrets_derive(const uint8_t key[static KEY_LEN], struct secrets **out);
/* Wipe and release. NULL-safe. */
void secrets_free(struct secrets *secrets);

#endif
