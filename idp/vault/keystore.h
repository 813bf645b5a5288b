/* SPDX-License-Identifier: Apache-2.0 */
/* The signing keys in the database: made, sealed, read. Only idp/vault/keyring.c calls this. */
#ifndef PRATU_VAULT_KEYSTORE_H
#define PRATU_VAULT_KEYSTORE_H

#include "idp/vault/keyring.h"

#define KEYSTORE_PURPOSE "signing_key" /* that a private part is sealed for, under its kid */

/* Read what is not retired. *out is owned by the caller (keystore_set_free). If the rows are those
 * that `present` was made of, *out is NULL. ERR_DB, ERR_BUSY, ERR_CRYPTO. */
MUST_CHECK struct result keystore_load(const struct keyring_home *home,
	const struct keyring_set *present, struct keyring_set **out);
/* NULL-safe. */
void keystore_set_free(struct keyring_set *set);
/* Make the first key of an algorithm; nothing happens if it has one, made by another vault
 * meanwhile. ERR_DB, ERR_BUSY, ERR_CRYPTO. */
MUST_CHECK struct result keystore_first(const struct keyring_home *home, enum jose_alg alg);
/* As keyring_rotate, without the refresh. */
MUST_CHECK struct result keystore_rotate(
	const struct keyring_home *home, const struct keyring_rotation *rotation);
/* Let those keys sign that are old enough and that every live web process publishes. *begun: any
 * did. ERR_DB, ERR_BUSY. */
MUST_CHECK struct result keystore_begin(const struct keyring_home *home, bool *begun);
/* Store what a web process publishes; *kids, in the arena: all that it must publish from now on.
 * ERR_DB, ERR_BUSY. */
MUST_CHECK struct result keystore_publish(const struct keyring_home *home, struct arena *arena,
	const struct keyring_publisher *publisher, struct str_list *kids);
/* It publishes nothing any more. ERR_DB, ERR_BUSY. */
MUST_CHECK struct result keystore_leave(const struct keyring_home *home, const char *process_id);
/* Wipe the private parts of what is retired. ERR_DB, ERR_BUSY. */
MUST_CHECK struct result keystore_wipe(const struct keyring_home *home);

#endif
