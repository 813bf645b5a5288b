/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/password.h"
#include "otp/nfc.h"
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define RAW_MAX 1024 /* bytes as typed; normalisation can make fewer of them */
#define KIB 1024u
#define HASH_LEN 32 /* of a hash string that libsodium makes */
#define SPEND_MIN_KIB (crypto_pwhash_MEMLIMIT_MIN / KIB)

_Static_assert(PASSWORD_HASH_SIZE >= crypto_pwhash_STRBYTES, "libsodium's hash strings fit");

struct result password_init(void)
{
	if (sodium_init() < 0)
		FAIL(ERR_CRYPTO);
	return OK;
}

static enum password_shape shape_of(const char *nfc)
{
	if (!nfc)
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
	const char *hashed = !nfc ? "" : nfc;
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

struct result password_memory(const struct password_cost *cost, size_t n)
{
	const size_t len = n * (size_t)cost->memory_kib * KIB;
	void *const all = mmap(NULL, len, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (all == MAP_FAILED)
		FAIL(ERR_CRYPTO);
	(void)munmap(all, len);
	return OK;
}

/* A stored hash string, taken apart: "$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>". */
struct stored {
	unsigned long memory_kib, passes;
	uint8_t salt[crypto_pwhash_SALTBYTES], hash[HASH_LEN];
};

static bool skip(const char **at, const char *expected)
{
	const size_t len = strlen(expected);
	if (strncmp(*at, expected, len) != 0)
		return false;
	*at += len;
	return true;
}

static bool read_number(const char **at, unsigned long *out)
{
	char *end = NULL;
	if (**at < '1' || **at > '9')
		return false;
	errno = 0;
	*out = strtoul(*at, &end, 10);
	*at = end;
	return errno == 0 && *out <= UINT32_MAX;
}

static bool read_bytes(const char **at, uint8_t *out, size_t len)
{
	size_t got = 0;
	const char *end = NULL;
	if (sodium_base642bin(out, len, *at, strlen(*at), NULL, &got, &end,
		    sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0 &&
		(!end || end == *at))
		return false;
	*at = end;
	return got == len;
}

static bool take_apart(const char *text, struct stored *out)
{
	const char *at = text;
	return skip(&at, "$argon2id$v=19$m=") && read_number(&at, &out->memory_kib) &&
	       skip(&at, ",t=") && read_number(&at, &out->passes) && skip(&at, ",p=1$") &&
	       read_bytes(&at, out->salt, sizeof out->salt) && skip(&at, "$") &&
	       read_bytes(&at, out->hash, sizeof out->hash) && *at == '\0';
}

/* Computed here and compared here: crypto_pwhash_str_verify answers -1 with EINVAL both for a
 * password that does not fit and for an allocation that failed. */
struct result password_verify(const struct password_peppered *in, const char *hash, bool *good)
{
	struct stored stored;
	uint8_t made[HASH_LEN];
	if (!take_apart(hash, &stored))
		FAIL(ERR_CRYPTO);
	if (crypto_pwhash(made, sizeof made, (const char *)in->bytes, sizeof in->bytes, stored.salt,
		    stored.passes, (size_t)stored.memory_kib * KIB,
		    crypto_pwhash_ALG_ARGON2ID13) != 0)
		FAIL(ERR_CRYPTO);
	*good = crypto_equal(made, stored.hash, sizeof made);
	explicit_bzero(made, sizeof made);
	return OK;
}

bool password_outdated(const char *hash, const struct password_cost *cost)
{
	return crypto_pwhash_str_needs_rehash(
		       hash, (unsigned long long)cost->passes, (size_t)cost->memory_kib * KIB) != 0;
}

/* The work of Argon2id is memory times passes. */
struct password_cost password_saved(const char *hash, const struct password_cost *cost)
{
	struct stored stored;
	if (!take_apart(hash, &stored))
		return (struct password_cost){0, 0};
	const int64_t done = (int64_t)stored.memory_kib * (int64_t)stored.passes;
	const int64_t memory_kib = (cost->memory_kib * cost->passes - done) / cost->passes;
	if (memory_kib < (int64_t)SPEND_MIN_KIB)
		return (struct password_cost){0, 0};
	return (struct password_cost){memory_kib, cost->passes};
}

struct result password_spend(const struct password_cost *saved)
{
	static const uint8_t salt[crypto_pwhash_SALTBYTES] = {0};
	uint8_t made[HASH_LEN];
	if (saved->passes == 0)
		return OK;
	if (crypto_pwhash(made, sizeof made, "", 0, salt, (unsigned long long)saved->passes,
		    (size_t)saved->memory_kib * KIB, crypto_pwhash_ALG_ARGON2ID13) != 0)
		FAIL(ERR_CRYPTO);
	return OK;
}
