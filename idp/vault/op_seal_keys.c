/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/seal_epoch.h"
#include "idp/vault/ops.h"
#include <inttypes.h>
#include <string.h>

#define KEYS 3 /* of the previous, the current and the next epoch */

/* The next one is given out ahead, so that processes whose clocks differ have it when they need it.
 */
struct result op_seal_keys(struct op_call *call, struct vault_seal_keys_out *out)
{
	struct vault_seal_keys_keys_item *const items =
		ARENA_ARRAY(call->arena, struct vault_seal_keys_keys_item, KEYS);
	for (size_t i = 0; i < KEYS; i++) {
		const int64_t epoch = seal_epoch(call->now_s) + (int64_t)i - 1;
		const char *const label = arena_printf(call->arena, "transaction|%" PRId64, epoch);
		uint8_t *const key = arena_alloc(call->arena, KEY_LEN);
		crypto_hmac(call->vault->secrets->transaction, label, strlen(label), key);
		items[i] = (struct vault_seal_keys_keys_item){epoch, {key, KEY_LEN}};
	}
	out->keys.items = items;
	out->keys.n = KEYS;
	out->outcome = VAULT_OK;
	return OK;
}
