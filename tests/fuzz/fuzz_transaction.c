/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/web_help.h"
#include "idp/base/enc.h"
#include "idp/web/seal_keys.h"
#include "idp/web/transaction.h"
#include <inttypes.h>
#include <string.h>

static const char DEVICE[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP_";

/* What a vault's key would have sealed: these very bytes, in the form that transaction.h says. */
static const char *sealed(struct arena *arena, const struct seal_key *key, struct bytes plain)
{
	const uint8_t nonce[CRYPTO_NONCE_LEN] = {0};
	const char *device = enc_hex(arena, crypto_sha256_text(arena, DEVICE), SHA256_LEN);
	const char *aad = arena_printf(arena, "transaction|1|%" PRId64 "|%s", key->epoch, device);
	const struct bytes in[] = {plain, {(const uint8_t *)aad, strlen(aad)}};
	struct bytes out = {NULL, 0};
	must(crypto_seal(arena, key->key, nonce, in, &out).err == ERR_NONE);
	uint8_t *all = arena_alloc(arena, 5 + out.len);
	all[0] = 1;
	for (int i = 1; i < 5; i++)
		all[i] = (uint8_t)(key->epoch >> (8 * (4 - i)));
	memcpy(all + 5, out.data, out.len);
	return enc_b64url(arena, all, 5 + out.len);
}

static enum transaction_state opened(struct help *help, const char *text)
{
	enum transaction_state state = TRANSACTION_LIVE;
	struct transaction out = {0};
	const char *again = NULL;
	if (transaction_open(&help->ctx, text, &out, &state).err != ERR_NONE)
		return TRANSACTION_UNKNOWN;
	must((state == TRANSACTION_UNKNOWN) == (out.request == NULL));
	if (out.request) {
		must(str_is_uuid(out.id) && json_is_object(out.stage));
		must(transaction_seal(&help->ctx, &out, TRANSACTION_MAX, &again).err == ERR_NONE ||
			strlen(text) > TRANSACTION_MAX / 2);
	}
	transaction_close(&out);
	return state;
}

/* Whatever nobody sealed is unknown; what was sealed is read whole or is unknown. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct help help;
	help_open(&help);
	const struct seal_key key = {seal_epoch(HELP_NOW_S), {1}};
	help.web.seal_keys = seal_keys_new();
	seal_keys_set(help.web.seal_keys, &key, 1);
	help_header(&help, "Cookie", arena_printf(help.ctx.arena, "__Host-device=%s", DEVICE));
	const char *text = arena_strndup(help.ctx.arena, (const char *)data, size);
	must(opened(&help, text) == TRANSACTION_UNKNOWN);
	(void)opened(&help, sealed(help.ctx.arena, &key, (struct bytes){data, size}));
	seal_keys_free(help.web.seal_keys);
	help_close(&help);
	return 0;
}
