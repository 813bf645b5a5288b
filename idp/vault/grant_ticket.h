/* SPDX-License-Identifier: Apache-2.0 */
/* A grant's ticket, from a sign-in's: what the operations bind and factor both give. */
#ifndef PRATU_VAULT_GRANT_TICKET_H
#define PRATU_VAULT_GRANT_TICKET_H

#include "idp/base/json.h"
#include "idp/vault/ops.h"

/* What a client is granted. */
struct grant_given {
	const char *client_id, *scope, *grant_id, *sub;
	int64_t expires_at_s; /* at most; the ticket may end earlier */
};

/* sign_in: the claims of the sign-in's ticket. The grant lives no longer than the sign-in it stands
 * on; with offline_access, no longer than a refresh token. In the call's arena. */
const char *grant_ticket_make(
	struct op_call *call, const json_t *sign_in, const struct grant_given *given);

#endif
