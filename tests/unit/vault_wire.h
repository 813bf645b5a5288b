/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of the vault's wire share: frames of given bytes. */
#ifndef PRATU_TESTS_VAULT_WIRE_H
#define PRATU_TESTS_VAULT_WIRE_H

#include "vault_table.h"

/* A frame with this body; release with vault_frame_free. */
static inline struct vault_frame wire_frame(const void *body, size_t len)
{
	struct vault_frame made = {0};
	vault_frame_clear(&made);
	vault_frame_put(&made, body, len);
	return made;
}

/* The body of a frame that was put or received. */
static inline const uint8_t *wire_body(const struct vault_frame *frame)
{
	return frame->bytes + VAULT_FRAME_HEAD;
}
static inline size_t wire_len(const struct vault_frame *frame)
{
	return frame->len - VAULT_FRAME_HEAD;
}

#endif
