/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delivery reports: the address that a gateway is given with each SMS, and to which it tells what
 * became of it. It names the message and carries a MAC, so that nobody but who was given the
 * address can report anything, and of no other message. Pure.
 */
#ifndef PRATU_COURIER_REPORT_H
#define PRATU_COURIER_REPORT_H

#include "idp/base/crypto.h"

/* base + "?id=...&mac=...&status=%d", in the arena; Kannel puts the state in for "%d". */
const char *report_url(struct arena *arena, const uint8_t key[static KEY_LEN], const char *base,
	const char *message_id);
/* Is mac that of message_id? In constant time. NULL is not. */
bool report_mac_valid(struct arena *arena, const uint8_t key[static KEY_LEN],
	const char *message_id, const char *mac);

/* Which states are asked for (X-Kannel-DLR-Mask): a sum of Kannel's numbers. */
#define REPORT_MASK "19"

struct report_state {
	const char *state; /* of the message: "delivered" or "failed" */
	const char *reason; /* NULL: none */
};
/* What Kannel's number means; NULL: nothing that ends a message. */
const struct report_state *report_state_of(const char *status);

#endif
