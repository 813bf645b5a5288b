/* SPDX-License-Identifier: Apache-2.0 */
/* The types that members of a request can have, for idp/vault/ops.c. */
#ifndef PRATU_VAULT_OP_TYPES_H
#define PRATU_VAULT_OP_TYPES_H

#include "idp/vault/ops.h"

#define OP_TYPES_AGENT_MAX 512 /* bytes of a user agent that are kept */
#define OP_TYPES_NAME_MAX 256 /* bytes of a client_id or correlation_id */

enum op_type {
	OP_TEXT,
	OP_UUID, /* text of 36 characters, lower case */
	OP_ALG, /* the name of a signing algorithm */
	OP_INT,
	OP_BOOL,
	OP_OBJECT,
	OP_CONTEXT, /* an object: see op_types_context */
};

/* Is value of that type? Not for OP_CONTEXT. */
bool op_types_fit(enum op_type type, const json_t *value);
/* Read {address, user_agent, device_hash, correlation_id, client_id, session_id}, each text or null
 * or left out. False: another type, another member, or a text that is none of its kind. *out points
 * into value and the arena. */
bool op_types_context(struct arena *arena, const json_t *value, struct op_context *out);

#endif
