/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/login.h"
#include "idp/base/enc.h"
#include <string.h>

/* Names that are nobody's share 2^20 buckets: strangers cannot make the table grow without bound.
 * They are never removed, so that a wait does not tell a citizen from nobody. */
#define SLOT_MASK 0xf0 /* of the third byte */

#define TYPO_BYTES 16

static void keyed(const uint8_t *key, const char *text, uint8_t out[static SHA256_LEN])
{
	crypto_hmac(key, text, strlen(text), out);
}

void login_index(struct arena *arena, const struct secrets *secrets, struct typed_login login,
	uint8_t out[static SHA256_LEN])
{
	const char *kind = typed_kind_name(login.kind);
	keyed(secrets->blind_index,
		arena_printf(arena, "%s|%s", kind == NULL ? "none" : kind, login.text), out);
}

static void slot_bucket(const struct secrets *secrets, const uint8_t hash[static SHA256_LEN],
	uint8_t out[static SHA256_LEN])
{
	char name[] = "nobody|...";
	memcpy(name + 7, hash, 3);
	name[9] = (char)(hash[2] & SLOT_MASK);
	crypto_hmac(secrets->throttle, name, sizeof name - 1, out);
}

struct login login_read(struct arena *arena, const struct secrets *secrets, const char *text)
{
	struct login made;
	uint8_t hash[SHA256_LEN];
	const bool long_one = strnlen(text, LOGIN_MAX + 1) > LOGIN_MAX;
	const struct typed_login typed =
		long_one ? (struct typed_login){TYPED_BAD_ALIAS, text} : typed_login(arena, text);
	made.kind = typed.kind;
	login_index(arena, secrets, typed, made.blind_index);
	keyed(secrets->login, typed.text, hash);
	made.typo = enc_hex(arena, hash, TYPO_BYTES);
	slot_bucket(secrets, hash, made.slot);
	return made;
}

void login_bucket(struct arena *arena, const struct secrets *secrets, const char *citizen_id,
	struct bytes device_hash, uint8_t out[static SHA256_LEN])
{
	const char *device = device_hash.data == NULL
				     ? "unknown"
				     : enc_hex(arena, device_hash.data, device_hash.len);
	keyed(secrets->throttle, arena_printf(arena, "citizen|%s|%s", citizen_id, device), out);
}
