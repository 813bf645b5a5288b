/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/sandbox_code.h"
#include <string.h>

#define LEN_MIN 4
#define LEN_MAX 16

bool sandbox_code_valid(const char *code)
{
	const size_t len =
		strspn(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	return code[len] == '\0' && len >= LEN_MIN && len <= LEN_MAX;
}

void sandbox_code_hash(struct arena *arena, const struct secrets *secrets, const char *citizen_id,
	const char *code, uint8_t out[static SHA256_LEN])
{
	const char *text = arena_printf(arena, "%s|%s", citizen_id, code);
	crypto_hmac(secrets->sandbox_code, text, strlen(text), out);
}
