/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread that hands messages of one channel over, one after the other: claim a row, open it, note
 * durably that it may leave, give it to a gateway, write how that ended. Only the claim is repeated
 * after a failure; what may have left is not (idp/courier/verdict.h).
 */
#ifndef PRATU_COURIER_SENDER_H
#define PRATU_COURIER_SENDER_H

#include "idp/courier/courier.h"

struct sender;

/* first: of its channel; it also looks every two seconds for what nobody rang for. Owned by the
 * caller. ERR_IO. */
MUST_CHECK struct result sender_start(
	struct courier *courier, struct channel *channel, bool first, struct sender **out);
/* The bell must have been stopped (bell_stop). Waits for what has begun. NULL-safe. */
void sender_stop(struct sender *sender);

#endif
