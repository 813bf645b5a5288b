/* SPDX-License-Identifier: Apache-2.0 */
/* From what a citizen typed to what the vault looks up, throttles and records. */
#ifndef PRATU_VAULT_LOGIN_H
#define PRATU_VAULT_LOGIN_H

#include "idp/vault/secrets.h"
#include "otp/typed.h"

#define LOGIN_MAX 512 /* bytes as typed; more is nobody's name */

/* Keyed hashes of one login name. */
struct login {
	enum typed_kind kind;
	uint8_t blind_index[SHA256_LEN]; /* finds vault.identifier; of a bad name, finds nobody */
	uint8_t slot[SHA256_LEN]; /* the throttle's bucket if the name is nobody's */
	const char *typo; /* names it in the record if it is nobody's, 32 hex digits */
};

struct login login_read(struct arena *arena, const struct secrets *secrets, const char *text);

/* The index of a normal form. kind: "national_id" or "alias". */
void login_index(struct arena *arena, const struct secrets *secrets, struct typed_login login,
	uint8_t out[static SHA256_LEN]);

/* The throttle's bucket of a citizen: one for all unknown devices, whatever the spelling of the
 * name, and one for each known device (device_hash 32 bytes; no data: unknown). */
void login_bucket(struct arena *arena, const struct secrets *secrets, const char *citizen_id,
	struct bytes device_hash, uint8_t out[static SHA256_LEN]);

#endif
