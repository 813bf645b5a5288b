/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/op_keys.h"

/* Anyone who may ask at all may ask this: it tells no secret. */
struct result op_status(struct op_call *call, struct vault_status_out *out)
{
	struct vault *vault = call->vault;
	const struct hasher_figures figures = hasher_figures(vault->hasher);
	const struct op_keys keys = op_keys_describe(call);
	struct vault_status_keys_item *items =
		ARENA_ARRAY(call->arena, struct vault_status_keys_item, keys.n);
	for (size_t i = 0; i < keys.n; i++) {
		const struct vault_keys_rotate_keys_item *key = &keys.items[i];
		items[i] = (struct vault_status_keys_item){key->kid, key->alg, key->state,
			key->active_from, key->retired_at, key->has_retired_at};
	}
	out->version = PRATU_VERSION;
	out->uptime_s = call->now_s - vault->started_at_s;
	out->ready = keyring_ready(vault->keyring, call->now_s);
	out->hashes_done = figures.done;
	out->hashes_waiting = figures.within;
	out->keys.items = items;
	out->keys.n = keys.n;
	out->outcome = VAULT_OK;
	return OK;
}
