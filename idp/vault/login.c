/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/login.h"
#include "idp/base/enc.h"
#include <string.h>

#define TYPO_BYTES 16

static void keyed(const uint8_t *key, const char *text, uint8_t out[static SHA256_LEN])
{
	crypto_hmac(key, text, strlen(text), out);
}

void login_index(struct arena *arena, const struct secrets *secrets, struct typed_login login,
	uint8_t out[static SHA256_LEN])
{
	const char *kind = typed_kind_name(login.kind);
	keyed(secrets->blind_index, arena_printf(arena, "%s|%s", !kind ? "none" : kind, login.text),
		out);
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
	return made;
}

void login_bucket(struct arena *arena, const struct secrets *secrets, const struct login *login,
	struct bytes device_hash, uint8_t out[static SHA256_LEN])
{
	const char *const device =
		device_hash.len > 0 ? enc_hex(arena, device_hash.data, device_hash.len) : "unknown";
	keyed(secrets->throttle,
		arena_printf(arena, "name|%s|%s",
			enc_hex(arena, login->blind_index, sizeof login->blind_index), device),
		out);
}
