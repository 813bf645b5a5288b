/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The primitives, on OpenSSL: SHA-256, HMAC, HKDF, AES-256-GCM, constant-time compare. No key lives
 * here.
 */
#ifndef PRATU_BASE_CRYPTO_H
#define PRATU_BASE_CRYPTO_H

#include "idp/base/arena.h"
#include "idp/base/result.h"
#include <stdbool.h>

#define SHA256_LEN 32
#define KEY_LEN 32

/* SHA-256 of len bytes, to out. */
void crypto_sha256(const void *bytes, size_t len, uint8_t out[static SHA256_LEN]);
/* SHA-256 of a C string, into the arena: 32 bytes. */
uint8_t *crypto_sha256_text(struct arena *arena, const char *text);
/* How a log shows text from an unauthenticated client, which may be a secret: "sha256:" and the
 * first 16 hexadecimal digits, in the arena. */
const char *crypto_fingerprint(struct arena *arena, const char *text);
void crypto_hmac(const uint8_t key[static KEY_LEN], const void *bytes, size_t len,
	uint8_t out[static SHA256_LEN]);
/* HKDF-SHA256 (RFC 5869), no salt, label as info. */
MUST_CHECK struct result crypto_hkdf(
	const uint8_t key[static KEY_LEN], const char *label, uint8_t out[static KEY_LEN]);
/* Equal in constant time. */
bool crypto_equal(const void *a, const void *b, size_t len);
/* Equal strings, in time that depends on neither's content (it compares SHA-256). */
bool crypto_equal_text(const char *a, const char *b);

struct bytes {
	const uint8_t *data;
	size_t len;
};

#define CRYPTO_NONCE_LEN 12
/* Encrypt with AES-256-GCM. in[0] is the plaintext, in[1] the AAD; nonce is from the caller's
 * random source. *sealed is nonce (12) | ciphertext | tag (16), in the arena. ERR_CRYPTO. */
MUST_CHECK struct result crypto_seal(struct arena *arena, const uint8_t key[static KEY_LEN],
	const uint8_t nonce[static CRYPTO_NONCE_LEN], const struct bytes in[static 2],
	struct bytes *sealed);
/* Decrypt what crypto_seal made: in[0] is the sealed bytes, in[1] the AAD. The plaintext is in the
 * arena, with a NUL added behind. ERR_CRYPTO: another key or AAD, or damaged. */
MUST_CHECK struct result crypto_open(struct arena *arena, const uint8_t key[static KEY_LEN],
	const struct bytes in[static 2], struct bytes *opened);

/* Release what the library keeps for the calling thread. For a detached thread, before it reports
 * its end: the process may exit from then on, and no thread's memory is released after that. */
void crypto_thread_end(void);

#endif
