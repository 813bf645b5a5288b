/* SPDX-License-Identifier: Apache-2.0 */
/* The partial ticket: what the second step of a sign-in knows of the first. */
#ifndef PRATU_VAULT_PARTIAL_H
#define PRATU_VAULT_PARTIAL_H

#include "idp/base/str.h"
#include "idp/vault/ops.h"
#include "idp/vault/ticket.h"

struct partial {
	const char *subject_id, *actor_id;
	const char *authentication_id; /* that the sign-in will have */
	int64_t exp_s;
	int64_t credentials_us; /* when the credentials were last changed, at the first step */
	/* Of a session that steps up: when it was proven what it stands on, and how. */
	int64_t auth_time_s; /* 0: the password was just proven */
	struct str_list amr;
};

/* Read a partial ticket that a transaction carries. *out, in the call's arena, is set unless it is
 * FOREIGN: not ours, or another transaction's. */
enum ticket_verdict partial_read(
	const struct op_call *call, const char *text, const char *transaction, struct partial *out);
/* The word for counts of one that is not good. Static storage. */
const char *partial_reason(enum ticket_verdict verdict);

#endif
