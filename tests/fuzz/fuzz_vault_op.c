/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "idp/base/log.h"
#include "idp/vault/ops.h"
#include <string.h>

/* A vault whose database is away: what gets past the table and the tickets ends there. */
static struct vault *vault_get(void)
{
	static struct settings settings = {.issuer = "https://idp.example", .mode = MODE_SANDBOX};
	static struct vault vault;
	const uint8_t key[KEY_LEN] = {1};
	struct secrets *secrets = NULL;
	if (vault.secrets != NULL)
		return &vault;
	log_open("fuzz", LOG_LEVEL_NONE);
	must(password_init().err == ERR_NONE && secrets_derive(key, &secrets).err == ERR_NONE);
	vault = (struct vault){.settings = &settings,
		.clock = clock_system(),
		.rng = rng_system(),
		.secrets = secrets,
		.cost = {8, 1}};
	vault.pool = pool_new("host=/nonexistent", "fuzz", 1);
	const struct keyring_home home = {vault.pool, secrets, vault.rng, 3600};
	vault.keyring = keyring_new(&home);
	vault.hasher = hasher_new(1, 1, 1);
	must(vault.hasher != NULL);
	return &vault;
}

static bool opens_secrets(unsigned number)
{
	return number <= VAULT_OP_BIND || number == VAULT_OP_NATIONAL_ID;
}

/* Either the connection ends, or there is a reply that fits the table; and never a way to a secret:
 * no key is loaded and no ticket is ours, so nothing is ever signed, bound or opened. */
static void ask(enum vault_socket caller, const struct vault_frame *request)
{
	struct vault_frame reply = {0};
	struct vault_codec_head head = {0, 0};
	enum vault_outcome outcome = VAULT_FAILED;
	if (ops_answer(vault_get(), caller, request, &reply)) {
		must(vault_codec_head(request, &head).err == ERR_NONE && head.number < VAULT_OPS_N);
		const struct vault_op *const op = &vault_table[head.number];
		struct arena *const arena = arena_new();
		void *const out = arena_alloc(arena, op->out.size);
		must((op->callers & caller) != 0);
		must(vault_codec_get_reply(op, &reply, arena, out).err == ERR_NONE);
		memcpy(&outcome, out, sizeof outcome);
		must(outcome != VAULT_OK || !opens_secrets(head.number));
		arena_free(arena);
	}
	vault_frame_free(&reply);
}

/* What was decoded is encoded to the same bytes: there is one form of each request. */
static void again(const struct vault_frame *request)
{
	struct vault_codec_head head;
	struct vault_frame back = {0};
	if (vault_codec_head(request, &head).err != ERR_NONE || head.number >= VAULT_OPS_N)
		return;
	const struct vault_op *const op = &vault_table[head.number];
	struct arena *const arena = arena_new();
	void *const in = arena_alloc(arena, op->in.size + 1);
	if (vault_codec_get_request(op, request, arena, in).err == ERR_NONE) {
		must(vault_codec_put_request(op, in, &back).err == ERR_NONE);
		must(back.len == request->len);
		must(memcmp(back.bytes + VAULT_FRAME_HEAD + 4,
			     request->bytes + VAULT_FRAME_HEAD + 4,
			     back.len - VAULT_FRAME_HEAD - 4) == 0);
	}
	vault_frame_free(&back);
	arena_free(arena);
}

/* The bytes of one request behind the fingerprint: number and members. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint32_t ours = VAULT_TABLE_FINGERPRINT;
	const uint8_t fingerprint[] = {(uint8_t)(ours >> 24), (uint8_t)(ours >> 16 & 0xff),
		(uint8_t)(ours >> 8 & 0xff), (uint8_t)(ours & 0xff)};
	/* A copy of its exact size, so that a sanitizer sees one byte too far. */
	const size_t len = VAULT_FRAME_HEAD + sizeof fingerprint + size;
	struct vault_frame request = {malloc(len), len, len, false};
	must(request.bytes != NULL);
	memcpy(request.bytes + VAULT_FRAME_HEAD, fingerprint, sizeof fingerprint);
	memcpy(request.bytes + VAULT_FRAME_HEAD + sizeof fingerprint, data, size);
	ask(VAULT_WEB_SOCKET, &request);
	ask(VAULT_ADMIN_SOCKET, &request);
	again(&request);
	vault_frame_free(&request);
	return 0;
}
