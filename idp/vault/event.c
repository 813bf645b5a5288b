/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/event.h"
#include "idp/base/enc.h"
#include "queries_vault.h"

const char *event_device(const struct op_call *call)
{
	const struct bytes device = call->context.device_hash;
	return device.data ? enc_hex(call->arena, device.data, device.len) : NULL;
}

void event_tally(const struct op_call *call, const char *kind, const char *reason)
{
	tally_add(call->vault->tally,
		&(struct tally_key){kind, "refused", reason, call->context.client_id}, 1);
}

static struct result write_all(
	struct vault *vault, struct arena *arena, const struct tally_counts *counts, size_t *done)
{
	AUTO_LEASE struct pool_lease lease = {0};
	if (counts->n > 0)
		TRY(pool_take(vault->pool, &lease));
	for (; *done < counts->n; (*done)++) {
		const struct tally_count *const count = &counts->items[*done];
		const struct q_vault_tally_insert_in in = {count->key.kind, count->key.outcome,
			count->key.reason, count->key.client_id, count->n};
		TRY(q_vault_tally_insert(lease.db, arena, &in, NULL));
	}
	return OK;
}

struct result event_tally_write(struct vault *vault)
{
	struct arena *const arena = arena_new();
	const struct tally_counts counts = tally_take(vault->tally, arena);
	size_t done = 0;
	const struct result written = write_all(vault, arena, &counts, &done);
	for (; done < counts.n; done++)
		tally_add(vault->tally, &counts.items[done].key, counts.items[done].n);
	arena_free(arena);
	return written;
}
