/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows that the vault writes into the record. Its queries that write one take the same fourteen
 * parameters first, which event_args gives.
 */
#ifndef PRATU_VAULT_EVENT_H
#define PRATU_VAULT_EVENT_H

#include "idp/vault/ops.h"

struct event {
	const char *kind, *outcome, *reason;
	const char *citizen_id, *authentication_id, *acr;
	const char *amr; /* a PostgreSQL array literal */
	const char *detail; /* JSON */
};

/* The fourteen, from the event and the call's context. */
struct db_args event_args(const struct op_call *call, const struct event *event);
/* A row that belongs to no other change. ERR_DB. */
MUST_CHECK struct result event_write(
	struct db *db, const struct op_call *call, const struct event *event);

#endif
