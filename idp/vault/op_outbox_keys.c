/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/seal_epoch.h"
#include "idp/vault/message.h"
#include "idp/vault/ops.h"

#define KEYS 3 /* of the previous, the current and the next epoch */

struct result op_outbox_keys(struct op_call *call, struct vault_outbox_keys_out *out)
{
	struct vault_outbox_keys_keys_item *const items =
		ARENA_ARRAY(call->arena, struct vault_outbox_keys_keys_item, KEYS);
	for (size_t i = 0; i < KEYS; i++) {
		const int64_t epoch = seal_epoch(call->now_s) + (int64_t)i - 1;
		uint8_t *const key = arena_alloc(call->arena, KEY_LEN);
		message_key(call, epoch, key);
		items[i] = (struct vault_outbox_keys_keys_item){epoch, {key, KEY_LEN}};
	}
	out->keys.items = items;
	out->keys.n = KEYS;
	out->report_key = (struct bytes){call->vault->secrets->report, KEY_LEN};
	out->outcome = VAULT_OK;
	return OK;
}
