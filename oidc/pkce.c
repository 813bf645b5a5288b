/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/pkce.h"
#include "idp/base/crypto.h"
#include "idp/base/enc.h"
#include <string.h>

#define LETTERS_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

bool pkce_verifier_valid(const char *verifier)
{
	if (!verifier)
		return false;
	size_t n = strlen(verifier);
	return n >= PKCE_VERIFIER_MIN && n <= PKCE_VERIFIER_MAX &&
	       strspn(verifier, LETTERS_DIGITS "-._~") == n;
}

const char *pkce_challenge(struct arena *arena, const char *verifier)
{
	return enc_b64url(arena, crypto_sha256_text(arena, verifier), SHA256_LEN);
}

bool pkce_fits(struct arena *arena, const char *challenge, const char *verifier)
{
	return crypto_equal_text(challenge, pkce_challenge(arena, verifier));
}
