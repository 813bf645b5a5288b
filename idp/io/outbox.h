/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a message lies in the outbox (courier.message): recipient and text as JSON, sealed by the
 * vault with AES-256-GCM under the key of an epoch (idp/io/seal_epoch.h), with the AAD
 * "outbox|1|<message_id>|<epoch>" (I7). Only the courier opens it.
 */
#ifndef PRATU_IO_OUTBOX_H
#define PRATU_IO_OUTBOX_H

#include "idp/base/crypto.h"
#include "idp/base/rng.h"

/* Bounds in bytes of what is sealed; longer ones are ERR_BOUNDS on both sides. */
#define OUTBOX_TO_MAX 320
#define OUTBOX_SUBJECT_MAX 400
#define OUTBOX_BODY_MAX 8000

struct outbox_text {
	const char *to; /* a number ("+66812345678") or an address of e-mail */
	const char *subject; /* of an e-mail; NULL: none */
	const char *body; /* UTF-8, lines end in "\n" */
};

/* Which message it is, and with what it is sealed. */
struct outbox_seal {
	struct arena *arena;
	const char *message_id;
	int64_t epoch; /* seal_epoch() of when it was made */
	const uint8_t *key; /* of that epoch, KEY_LEN */
};

/* Seal; *sealed is in the arena, as is a copy of the text, until that is released. ERR_CRYPTO,
 * ERR_BOUNDS. */
MUST_CHECK struct result outbox_close(const struct outbox_seal *seal, const struct rng *rng,
	const struct outbox_text *text, struct bytes *sealed);
/* Open; *text points into the arena, which wipes it. ERR_CRYPTO: another key, message or epoch, or
 * damaged. ERR_FORMAT, ERR_BOUNDS: no such text. */
MUST_CHECK struct result outbox_open(
	const struct outbox_seal *seal, struct bytes sealed, struct outbox_text *text);

#endif
