/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows that the vault writes into the audit log. Each of its queries that write one has the
 * members of EVENT_CONTEXT, which identify the sender of the request.
 */
#ifndef PRATU_VAULT_EVENT_H
#define PRATU_VAULT_EVENT_H

#include "idp/base/tally.h"
#include "idp/vault/ops.h"

/* The device as the audit log names it, in hex; NULL if the request has none. In the call's arena.
 */
const char *event_device(const struct op_call *call);

/* Initialisers of those members, from the call. */
#define EVENT_CONTEXT(call) \
	.client_id = (call)->context.client_id, .session_id = (call)->context.session_id, \
	.address = (call)->context.address, .device = event_device(call), \
	.user_agent = (call)->context.user_agent, .correlation_id = (call)->context.correlation_id

/* Count a refusal that leaves no row of its own. kind, reason: short fixed words. */
void event_tally(const struct op_call *call, const char *kind, const char *reason);

/* Write what was counted, one row each; what could not be written is counted again. ERR_DB,
 * ERR_BUSY. */
MUST_CHECK struct result event_tally_write(struct vault *vault);

#endif
