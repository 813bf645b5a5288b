/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How another role speaks to the vault: over a Unix socket, a frame of 4 bytes length (big-endian) and one JSON
 * object, {"op": name, ...} out and {"outcome": ..., ...} back. One struct vault_call is one connection, used by one thread at a
 * time; it connects on first use and again after a failure. Who may ask what is decided by the socket
 * (web.sock, admin.sock) in idp/vault/ops.c; the frame codec is here so that both sides share it.
 */
#ifndef PRATU_IO_VAULT_CALL_H
#define PRATU_IO_VAULT_CALL_H

#include "idp/base/arena.h"
#include "idp/base/json.h"
#include "idp/base/result.h"

#define VAULT_FRAME_MAX 262144 /* bytes of one JSON object */
#define VAULT_TIMEOUT_S 10

struct vault_call;

/* socket_name: "web.sock" or "admin.sock" in settings' vault_socket_dir. Owned by the caller. */
struct vault_call *vault_call_new(const char *socket_dir, const char *socket_name);
void vault_call_free(struct vault_call *call);
/* Send request (borrowed) and wait for the reply, owned by the caller. A request is never sent twice. ERR_VAULT. */
MUST_CHECK struct result vault_call(struct vault_call *call, const json_t *request, json_t **reply);

/* The codec, for both sides. Reading gives ERR_IO at the end of the stream or a time-out, ERR_FORMAT for a bad frame. */
MUST_CHECK struct result vault_frame_write(int fd, const json_t *object);
MUST_CHECK struct result vault_frame_read(int fd, json_t **object);

#endif
