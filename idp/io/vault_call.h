/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How another role asks the vault: over a Unix socket, one request and its reply at a time. One
 * struct vault_call is one connection, used by one thread at a time; it connects on first use and
 * again after a failure. The operations, each a typed function over vault_call, are generated from
 * idp/io/vault_ops.table into vault_table.h; who may ask what is decided by the socket.
 */
#ifndef PRATU_IO_VAULT_CALL_H
#define PRATU_IO_VAULT_CALL_H

#include "idp/base/meter.h"
#include "idp/io/vault_codec.h"
#include "idp/io/vault_wait.h"

struct vault_call;

/* socket_name: "web.sock" or "admin.sock" in settings' vault_socket_dir. Does not connect yet.
 * Owned by the caller; never NULL. */
struct vault_call *vault_call_new(const char *socket_dir, const char *socket_name);
/* NULL-safe. */
void vault_call_free(struct vault_call *call);
/* From here on a call waits for a vault that is being restarted (idp/io/vault_wait.h). wait is
 * borrowed; NULL: it fails at once. */
void vault_call_await(struct vault_call *call, struct vault_wait *wait);
/* From here on each call is added to a meter of vault_call_meter_kind, by operation. meter is
 * borrowed; NULL: none. */
void vault_call_observe(struct vault_call *call, struct meter *meter);
extern const struct meter_kind vault_call_meter_kind;
/* Ask op: in, a struct of op->in (NULL if that has no members), is sent and out, a struct of
 * op->out, filled, pointing into the arena. A request is never sent twice: it goes over another
 * connection only where the vault cannot have received the whole of it. OK whatever the outcome is,
 * VAULT_FAILED included. ERR_BOUNDS, ERR_FORMAT: in does not fit the table, nothing was sent.
 * ERR_VAULT: no reply, or one that does not fit. On failure out is zeroed, which is VAULT_FAILED.
 */
MUST_CHECK struct result vault_call(struct vault_call *call, const struct vault_op *op,
	struct arena *arena, const void *in, void *out);

#endif
