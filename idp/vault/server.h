/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault's sockets (vault_sockets) in the settings' directory, a thread for each connection, of
 * which there are at most SERVER_CONNECTIONS. Who is at the other end is asked of the kernel and
 * checked before the first byte is read.
 */
#ifndef PRATU_VAULT_SERVER_H
#define PRATU_VAULT_SERVER_H

#include "idp/vault/vault.h"

#define SERVER_CONNECTIONS 256

struct server;

/* Make the directory (if there is none) and listen. As root, the sockets are given to the settings'
 * users; so call this before becoming another. A socket file that nobody listens on is replaced.
 * ERR_IO, with a line in the log. *out is owned by the caller. */
MUST_CHECK struct result server_listen(const struct settings *settings, struct server **out);
/* Start accepting; vault is borrowed until server_free. ERR_IO. */
MUST_CHECK struct result server_start(struct server *server, struct vault *vault);
/* Remove the sockets and refuse who connects, answer every request that was sent whole by then (in
 * at most grace_s seconds), release. False: something is still in flight, and what it uses must not
 * be released. NULL-safe.
 */
bool server_stop(struct server *server, int grace_s);

#endif
