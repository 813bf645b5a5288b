/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How another role speaks to the vault: over a Unix socket, a frame of 4 bytes length (big-endian)
 * and one JSON object, {"op": name, ...} out and {"outcome": ..., ...} back. One struct vault_call
 * is one connection, used by one thread at a time; it connects on first use and again after a
 * failure. Who may ask what is decided by the socket (web.sock, admin.sock) in idp/vault/ops.c; the
 * frame codec is here so that both sides share it.
 */
#ifndef PRATU_IO_VAULT_CALL_H
#define PRATU_IO_VAULT_CALL_H

#include "idp/base/arena.h"
#include "idp/base/json.h"
#include "idp/base/result.h"

#define VAULT_FRAME_MAX 262144 /* bytes of one JSON object */
#define VAULT_TIMEOUT_S 10

struct vault_call;

/* socket_name: "web.sock" or "admin.sock" in settings' vault_socket_dir. Does not connect yet.
 * Owned by the caller; never NULL. */
struct vault_call *vault_call_new(const char *socket_dir, const char *socket_name);
/* NULL-safe. */
void vault_call_free(struct vault_call *call);
/* Send request (borrowed) and wait for the reply, owned by the caller. A request is never sent
 * twice. ERR_VAULT. */
MUST_CHECK struct result vault_call(struct vault_call *call, const json_t *request, json_t **reply);

/* The codec, for both sides, on a stream socket in either mode. Each takes at most VAULT_TIMEOUT_S
 * in all from the call on, so a server polls for the first byte before it reads. Any failure leaves
 * the stream at an unknown place: close it. Writing: ERR_IO, ERR_BOUNDS (over VAULT_FRAME_MAX).
 * Reading: ERR_IO at the end of the stream or a time-out, ERR_FORMAT for a bad frame; *object is
 * owned by the caller. */
MUST_CHECK struct result vault_frame_write(int fd, const json_t *object);
MUST_CHECK struct result vault_frame_read(int fd, json_t **object);

#endif
