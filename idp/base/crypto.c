/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/crypto.h"
#include "idp/base/enc.h"
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#define TAG_LEN 16
#define FINGERPRINT_BYTES 8

static void cipher_auto(EVP_CIPHER_CTX **ctx)
{
	EVP_CIPHER_CTX_free(*ctx);
}

static void kdf_auto(EVP_KDF **kdf)
{
	EVP_KDF_free(*kdf);
}

static void kdf_ctx_auto(EVP_KDF_CTX **ctx)
{
	EVP_KDF_CTX_free(*ctx);
}

#define AUTO(release) __attribute__((cleanup(release)))

/* A hash or MAC that cannot be computed means that memory is out: end, as the arena does. */
void crypto_sha256(const void *bytes, size_t len, uint8_t out[static SHA256_LEN])
{
	if (EVP_Digest(bytes, len, out, NULL, EVP_sha256(), NULL) != 1)
		abort();
}

uint8_t *crypto_sha256_text(struct arena *arena, const char *text)
{
	uint8_t *hash = arena_alloc(arena, SHA256_LEN);
	crypto_sha256(text, strlen(text), hash);
	return hash;
}

const char *crypto_fingerprint(struct arena *arena, const char *text)
{
	const char *hex = enc_hex(arena, crypto_sha256_text(arena, text), FINGERPRINT_BYTES);
	return arena_printf(arena, "sha256:%s", hex);
}

void crypto_hmac(const uint8_t key[static KEY_LEN], const void *bytes, size_t len,
	uint8_t out[static SHA256_LEN])
{
	static const unsigned char empty[1] = {0};
	const unsigned char *in = len == 0 ? empty : bytes;
	size_t made = 0;
	if (!EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key, KEY_LEN, in, len, out, SHA256_LEN,
		    &made) ||
		made != SHA256_LEN)
		abort();
}

struct result crypto_hkdf(
	const uint8_t key[static KEY_LEN], const char *label, uint8_t out[static KEY_LEN])
{
	AUTO(kdf_auto) EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	AUTO(kdf_ctx_auto) EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	if (!ctx)
		FAIL(ERR_CRYPTO);
	/* OpenSSL only reads these; its parameter type has no const. */
	char digest[] = "SHA256";
	uint8_t secret[KEY_LEN];
	memcpy(secret, key, KEY_LEN);
	char *info = strdup(label);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret, KEY_LEN),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, strlen(label)),
		OSSL_PARAM_construct_end(),
	};
	int done = info ? EVP_KDF_derive(ctx, out, KEY_LEN, params) : 0;
	free(info);
	explicit_bzero(secret, sizeof(secret));
	if (done != 1)
		FAIL(ERR_CRYPTO);
	return OK;
}

bool crypto_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

bool crypto_equal_text(const char *a, const char *b)
{
	uint8_t hash_a[SHA256_LEN], hash_b[SHA256_LEN];
	crypto_sha256(a, strlen(a), hash_a);
	crypto_sha256(b, strlen(b), hash_b);
	return crypto_equal(hash_a, hash_b, SHA256_LEN);
}

/* A context for one direction with key, nonce and AAD set; NULL: OpenSSL failed. */
static EVP_CIPHER_CTX *gcm_start(
	const uint8_t *key, const uint8_t *nonce, const struct bytes *aad, int encrypt)
{
	AUTO(cipher_auto) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len = 0;
	if (!ctx || aad->len > INT_MAX ||
		EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce, encrypt) != 1)
		return NULL;
	if (aad->len > 0 && EVP_CipherUpdate(ctx, NULL, &len, aad->data, (int)aad->len) != 1)
		return NULL;
	EVP_CIPHER_CTX *out = ctx;
	ctx = NULL;
	return out;
}

struct result crypto_seal(struct arena *arena, const uint8_t key[static KEY_LEN],
	const uint8_t nonce[static CRYPTO_NONCE_LEN], const struct bytes in[static 2],
	struct bytes *sealed)
{
	if (in[0].len > ARENA_LIMIT / 2)
		FAIL(ERR_BOUNDS);
	AUTO(cipher_auto) EVP_CIPHER_CTX *ctx = gcm_start(key, nonce, &in[1], 1);
	size_t len = CRYPTO_NONCE_LEN + in[0].len + TAG_LEN;
	uint8_t *out = arena_alloc(arena, len);
	uint8_t *text = out + CRYPTO_NONCE_LEN, *tag = text + in[0].len;
	int n = 0, last = 0;
	memcpy(out, nonce, CRYPTO_NONCE_LEN);
	if (!ctx)
		FAIL(ERR_CRYPTO);
	if (in[0].len > 0 && EVP_EncryptUpdate(ctx, text, &n, in[0].data, (int)in[0].len) != 1)
		FAIL(ERR_CRYPTO);
	if (EVP_EncryptFinal_ex(ctx, tag, &last) != 1 ||
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_LEN, tag) != 1)
		FAIL(ERR_CRYPTO);
	*sealed = (struct bytes){out, len};
	return OK;
}

struct result crypto_open(struct arena *arena, const uint8_t key[static KEY_LEN],
	const struct bytes in[static 2], struct bytes *opened)
{
	if (in[0].len < CRYPTO_NONCE_LEN + TAG_LEN || in[0].len > ARENA_LIMIT / 2)
		FAIL(ERR_CRYPTO);
	size_t len = in[0].len - CRYPTO_NONCE_LEN - TAG_LEN;
	const uint8_t *text = in[0].data + CRYPTO_NONCE_LEN;
	uint8_t tag[TAG_LEN];
	memcpy(tag, text + len, TAG_LEN);
	AUTO(cipher_auto) EVP_CIPHER_CTX *ctx = gcm_start(key, in[0].data, &in[1], 0);
	uint8_t *out = arena_alloc(arena, len + 1);
	int n = 0, last = 0;
	if (!ctx || (len > 0 && EVP_DecryptUpdate(ctx, out, &n, text, (int)len) != 1))
		FAIL(ERR_CRYPTO);
	if (EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_LEN, tag) != 1 ||
		EVP_DecryptFinal_ex(ctx, out + len, &last) != 1) {
		explicit_bzero(out, len); /* bytes that were not authenticated must not be seen */
		ERR_clear_error();
		FAIL(ERR_CRYPTO);
	}
	*opened = (struct bytes){out, len};
	return OK;
}

void crypto_thread_end(void)
{
	OPENSSL_thread_stop();
}
