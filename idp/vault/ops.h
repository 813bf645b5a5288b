/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault's operations: a request is matched with its row of idp/io/vault_ops.table, decoded,
 * given to its handler and its reply encoded. It is the whole of the vault's surface. A request
 * that does not fit its row, to the last byte, is not answered: it ends the connection.
 */
#ifndef PRATU_VAULT_OPS_H
#define PRATU_VAULT_OPS_H

#include "idp/vault/vault.h"
#include "vault_handlers.h"

/* What a handler gets beside its request. */
struct op_call {
	struct vault *vault;
	struct arena *arena; /* the request's */
	int64_t now_ms, now_s;
	struct vault_call_context context; /* where the row has one; address only if it is one */
};

/*
 * Handlers are op_<name>(call, in, out), declared in vault_handlers.h; in is as the table declares,
 * out zeroed. They fill out, the outcome too; what it points to lives as long as the call's arena
 * or the request. A failure is answered VAULT_FAILED.
 */

/* Answer one request. caller: one of enum vault_socket. The reply is put in place of what *reply
 * held. False: it fits no row, end the connection. */
bool ops_answer(struct vault *vault, enum vault_socket caller, const struct vault_frame *request,
	struct vault_frame *reply);

/* The context of a request, if its row has one: address NULL unless it is an IP address. */
struct vault_call_context ops_context(const struct vault_op *op, const void *in);

/* For handlers: how to seal. */
struct seal ops_seal(const struct op_call *call);

#endif
