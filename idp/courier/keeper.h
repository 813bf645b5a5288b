/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two threads beside the senders: one keeps the keys fresh, ends what was left behind and counts
 * what waits; one listens to PostgreSQL and rings where the vault has written a message.
 */
#ifndef PRATU_COURIER_KEEPER_H
#define PRATU_COURIER_KEEPER_H

#include "idp/courier/courier.h"

struct keeper;

/* Owned by the caller. ERR_IO. */
MUST_CHECK struct result keeper_start(struct courier *courier, struct keeper **out);
/* NULL-safe. */
void keeper_stop(struct keeper *keeper);
/* How many messages wait, and for how long. Any thread. */
void keeper_write(struct keeper *keeper, struct buf *out);

#endif
