/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages to citizens: sealed here, and put into the outbox (courier.message), where the courier
 * takes them. The row is written in the transaction that makes what the message tells of, so that
 * neither is there without the other.
 */
#ifndef PRATU_VAULT_MESSAGE_H
#define PRATU_VAULT_MESSAGE_H

#include "idp/io/db.h"
#include "idp/io/outbox.h"
#include "idp/vault/ops.h"

struct message {
	const char *channel; /* "sms" or "email" */
	const char *purpose; /* "code" or "notice" */
	struct outbox_text text;
	int64_t ttl_s; /* no try afterwards; at most SEAL_EPOCH_S */
	const char *subject_id, *authentication_id, *client_id; /* NULL: none */
	const char *language;
};

/* The key of an epoch: HMAC of its number under a secret that is never given out. The caller wipes
 * it. */
void message_key(const struct op_call *call, int64_t epoch, uint8_t key[static KEY_LEN]);
/* Seal a message and insert it, in the transaction that is open. *message_id is in the call's
 * arena; courier.message has exactly its time as created_at. ERR_DB, ERR_CRYPTO, ERR_BOUNDS. */
MUST_CHECK struct result message_put(const struct op_call *call, struct db *db,
	const struct message *message, const char **message_id);

#endif
