/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/message.h"
#include "idp/base/handle.h"
#include "idp/io/seal_epoch.h"
#include "queries_vault.h"
#include <inttypes.h>
#include <string.h>

void message_key(const struct op_call *call, int64_t epoch, uint8_t key[static KEY_LEN])
{
	const char *const label = arena_printf(call->arena, "outbox|%" PRId64, epoch);
	crypto_hmac(call->vault->secrets->outbox, label, strlen(label), key);
}

struct result message_put(const struct op_call *call, struct db *db, const struct message *message,
	const char **message_id)
{
	uint8_t key[KEY_LEN];
	const struct outbox_seal seal = {.arena = call->arena,
		.message_id = handle_uuid(&call->vault->rng, call->arena, call->now_ms),
		.epoch = seal_epoch(call->now_s),
		.key = key};
	struct q_vault_message_put_in in = {
		.message_id = seal.message_id,
		.created_ms = call->now_ms,
		.channel = message->channel,
		.purpose = message->purpose,
		.ttl_s = message->ttl_s,
		.epoch = seal.epoch,
		.subject_id = message->subject_id,
		.authentication_id = message->authentication_id,
		.client_id = message->client_id,
		.correlation_id = call->context.correlation_id,
		.language = message->language,
	};
	message_key(call, seal.epoch, key);
	const struct result sealed =
		outbox_close(&seal, &call->vault->rng, &message->text, &in.sealed);
	explicit_bzero(key, sizeof key);
	TRY(sealed);
	TRY(q_vault_message_put(db, call->arena, &in, NULL));
	*message_id = seal.message_id;
	return OK;
}
