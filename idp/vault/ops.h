/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of operations: who may ask for what, with which members of which type. It is the whole
 * of the vault's surface; docs/HOUSE.md explains each row. A request that does not fit its row, to
 * the last member, is not answered: it ends the connection.
 */
#ifndef PRATU_VAULT_OPS_H
#define PRATU_VAULT_OPS_H

#include "idp/base/json.h"
#include "idp/vault/vault.h"

enum op_caller {
	OP_WEB = 1, /* came by web.sock */
	OP_ADMIN = 2, /* came by admin.sock */
};

/* Who stands behind a request, for the record: each may be NULL. */
struct op_context {
	const char *address; /* only if it is one */
	const char *user_agent; /* cut to 512 bytes */
	struct bytes device_hash; /* 32 bytes, or no data */
	const char *correlation_id, *client_id, *session_id;
};

/* What a handler gets. */
struct op_call {
	struct vault *vault;
	struct arena *arena; /* the request's */
	const json_t *request;
	json_t *reply; /* an empty object to fill */
	int64_t now_s;
	struct op_context context; /* where the row takes one */
};

/* Fills the reply, outcome first. A failure is answered {"outcome": "failed"}. */
typedef struct result op_handler(struct op_call *call);
op_handler op_password, op_totp, op_bind, op_sign, op_national_id, op_jwks;
op_handler op_prepare_citizen, op_blind_index, op_keys_rotate, op_status;

/* Answer one request. *reply is owned by the caller. False: it fits no row, end the connection. */
bool ops_answer(struct vault *vault, enum op_caller caller, const json_t *request, json_t **reply);

/* For handlers: a text member (NULL if null or not given), the outcome, and how to seal. */
const char *ops_text(const struct op_call *call, const char *member);
struct result ops_outcome(struct op_call *call, const char *outcome);
struct seal ops_seal(const struct op_call *call);

#endif
