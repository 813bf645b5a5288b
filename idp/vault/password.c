/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/password.h"
#include "otp/nfc.h"
#include <errno.h>
#include <sodium.h>
#include <string.h>

#define RAW_MAX 1024 /* bytes as typed; normalisation can make fewer of them */
#define KIB 1024u

_Static_assert(PASSWORD_HASH_SIZE >= crypto_pwhash_STRBYTES, "libsodium's hash strings fit");

struct result password_init(void)
{
	if (sodium_init() < 0)
		FAIL(ERR_CRYPTO);
	return OK;
}

static enum password_shape shape_of(const char *nfc)
{
	if (nfc == NULL)
		return PASSWORD_SHAPE_NO_TEXT;
	const size_t len = strnlen(nfc, PASSWORD_MAX + 1);
	if (len > PASSWORD_MAX)
		return PASSWORD_SHAPE_LONG;
	return len < PASSWORD_MIN ? PASSWORD_SHAPE_SHORT : PASSWORD_SHAPE_GOOD;
}

enum password_shape password_pepper(struct arena *arena, const struct secrets *secrets,
	const char *text, struct password_peppered *out)
{
	const bool too_long = strnlen(text, RAW_MAX + 1) > RAW_MAX;
	const char *nfc = too_long ? "" : nfc_text(arena, text);
	const char *hashed = nfc == NULL ? "" : nfc;
	crypto_hmac(secrets->pepper, hashed, strlen(hashed), out->bytes);
	return too_long ? PASSWORD_SHAPE_LONG : shape_of(nfc);
}

struct result password_hash(const struct password_peppered *in, const struct password_cost *cost,
	char out[static PASSWORD_HASH_SIZE])
{
	if (crypto_pwhash_str_alg(out, (const char *)in->bytes, sizeof in->bytes,
		    (unsigned long long)cost->passes, (size_t)cost->memory_kib * KIB,
		    crypto_pwhash_ALG_ARGON2ID13) != 0)
		FAIL(ERR_CRYPTO);
	return OK;
}

/* libsodium answers -1 for a password that does not fit and for memory that is out; only the first
 * sets EINVAL. */
struct result password_verify(const struct password_peppered *in, const char *hash, bool *good)
{
	errno = 0;
	const int rc = crypto_pwhash_str_verify(hash, (const char *)in->bytes, sizeof in->bytes);
	if (rc != 0 && errno != EINVAL)
		FAIL(ERR_CRYPTO);
	*good = rc == 0;
	return OK;
}

bool password_outdated(const char *hash, const struct password_cost *cost)
{
	return crypto_pwhash_str_needs_rehash(
		       hash, (unsigned long long)cost->passes, (size_t)cost->memory_kib * KIB) != 0;
}
