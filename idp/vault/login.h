/* SPDX-License-Identifier: Apache-2.0 */
/* From what a citizen typed to what the vault looks up, throttles and records. */
#ifndef PRATU_VAULT_LOGIN_H
#define PRATU_VAULT_LOGIN_H

#include "idp/vault/secrets.h"
#include "otp/typed.h"

#define LOGIN_MAX \
	1024 /* bytes as typed: 64 characters of an alias, each with marks; more is no login name \
	      */

/* Keyed hashes of one login name. */
struct login {
	enum typed_kind kind;
	uint8_t blind_index[SHA256_LEN]; /* finds vault.identifier; of a bad name, finds nobody */
	const char *typo; /* stands for an unknown name in the audit log, 32 hex digits */
};

/* Read the text typed as a login name and compute its keyed hashes, in the arena. Text of no known
 * form gives a blind_index that finds nobody. */
struct login login_read(struct arena *arena, const struct secrets *secrets, const char *text);

/* The index of a normal form. kind: "national_id" or "alias". */
void login_index(struct arena *arena, const struct secrets *secrets, struct typed_login login,
	uint8_t out[static SHA256_LEN]);

/* The throttle's bucket of a login name, whoever's it is and however it was spelled: one for all
 * unknown devices, and one for each device (device_hash 32 bytes; none: unknown), which counts
 * where the name's citizen knows it. */
void login_bucket(struct arena *arena, const struct secrets *secrets, const struct login *login,
	struct bytes device_hash, uint8_t out[static SHA256_LEN]);

#endif
