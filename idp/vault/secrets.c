/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/secrets.h"
#include "idp/base/enc.h"
#include "idp/base/log.h"
#include "idp/io/private_file.h"
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#define HEX_LEN ((size_t)2 * KEY_LEN)

static const struct {
	const char *label;
	size_t at;
} labels[] = {
	{"pratu vault seal 1", offsetof(struct secrets, seal)},
	{"pratu vault blind index 1", offsetof(struct secrets, blind_index)},
	{"pratu vault pepper 1", offsetof(struct secrets, pepper)},
	{"pratu vault sandbox code 1", offsetof(struct secrets, factor_hash)},
	{"pratu vault partial ticket 1", offsetof(struct secrets, partial)},
	{"pratu vault ticket 1", offsetof(struct secrets, ticket)},
	{"pratu vault grant ticket 1", offsetof(struct secrets, grant)},
	{"pratu vault throttle 1", offsetof(struct secrets, throttle)},
	{"pratu vault login 1", offsetof(struct secrets, login)},
	{"pratu vault transaction 1", offsetof(struct secrets, transaction)},
	{"pratu vault challenge 1", offsetof(struct secrets, challenge)},
	{"pratu vault outbox 1", offsetof(struct secrets, outbox)},
	{"pratu vault delivery report 1", offsetof(struct secrets, report)},
};

/* Memory that is not swapped and not dumped. Where the limit on locked memory is too low, it
 * works unlocked, and logs that. */
static struct secrets *locked_new(void)
{
	struct secrets *made = mmap(
		NULL, sizeof *made, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (made == MAP_FAILED)
		return NULL;
	if (mlock(made, sizeof *made) != 0)
		log_warn("vault.mlock", "error", strerror(errno));
	(void)madvise(made, sizeof *made, MADV_DONTDUMP);
	return made;
}

void secrets_free(struct secrets *secrets)
{
	if (!secrets)
		return;
	explicit_bzero(secrets, sizeof *secrets);
	(void)munmap(secrets, sizeof *secrets);
}

static struct result derive_all(const uint8_t key[static KEY_LEN], struct secrets *out)
{
	uint8_t id[KEY_LEN];
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
		TRY(crypto_hkdf(key, labels[i].label, (uint8_t *)out + labels[i].at));
	TRY(crypto_hkdf(key, "pratu vault key id 1", id));
	for (size_t i = 0; i < SECRETS_ID_LEN; i++)
		out->id[i] = "0123456789abcdef"[id[i] & 15];
	return OK;
}

struct result secrets_derive(const uint8_t key[static KEY_LEN], struct secrets **out)
{
	struct secrets *made = locked_new();
	if (!made)
		FAIL(ERR_CRYPTO);
	const struct result done = derive_all(key, made);
	if (done.err != ERR_NONE) {
		secrets_free(made);
		return done;
	}
	*out = made;
	return OK;
}

static struct result fault(const char *path, const char *what)
{
	log_error("vault.key_file", "file", path, "error", what);
	FAIL(ERR_CONFIG);
}

static struct result key_of(const char *path, char *text, uint8_t key[static KEY_LEN])
{
	uint8_t *bytes = NULL;
	size_t len = 0;
	text[strcspn(text, "\r\n")] = '\0';
	if (strlen(text) != HEX_LEN)
		return fault(path, "expected 64 hexadecimal digits, as pratu init writes them");
	struct arena *arena = arena_new();
	const struct result decoded = enc_hex_decode(arena, text, &bytes, &len);
	if (decoded.err == ERR_NONE && len == KEY_LEN)
		memcpy(key, bytes, KEY_LEN);
	arena_free(arena);
	return decoded.err == ERR_NONE ? OK : fault(path, "expected hexadecimal digits only");
}

struct result secrets_load(const char *path, struct secrets **out)
{
	char text[HEX_LEN + 4] = "";
	uint8_t key[KEY_LEN] = {0};
	struct result done = private_file_read(path, "vault.key_file", text, sizeof text);
	if (done.err == ERR_NONE)
		done = key_of(path, text, key);
	if (done.err == ERR_NONE)
		done = secrets_derive(key, out);
	explicit_bzero(text, sizeof text);
	explicit_bzero(key, sizeof key);
	return done;
}
