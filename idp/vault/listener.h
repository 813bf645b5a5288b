/* SPDX-License-Identifier: Apache-2.0 */
/* One listening Unix socket of the vault and who may connect to it. */
#ifndef PRATU_VAULT_LISTENER_H
#define PRATU_VAULT_LISTENER_H

#include "idp/base/settings.h"
#include "idp/vault/ops.h"
#include <sys/types.h>
#include <sys/un.h>

struct listener {
	int fd; /* -1: none */
	const struct vault_socket_row *row;
	struct sockaddr_un at;
	uid_t owner, peer; /* who may connect, beside root */
	bool refuses; /* the file is removed: another vault's may be there */
};

/* Make the directory of the sockets if it is not there: 0700; as root, 0710 with the group of the
 * users that connect, so that they can pass, or 0711 where they have no group in common. One that
 * is there must be a directory and no link to one, owned by root or the vault's user, and not
 * writable but for the vault's own group. ERR_IO, with a line in the log that names what was
 * expected and what was found. */
MUST_CHECK struct result listener_directory(const struct settings *settings);
/* Listen on the socket of a row of vault_sockets: 0600, or 0660 with the group of its user where
 * that is not the vault's. ERR_IO. */
MUST_CHECK struct result listener_open(
	const struct settings *settings, const struct vault_socket_row *row, struct listener *out);
/* Accept nobody else: the file is removed and who connects is refused. Those that are connected by
 * then are still to be accepted: none of them is lost. Harmless if not open. */
void listener_refuse(struct listener *listener);
/* Close and remove the file. Harmless if not open. */
void listener_close(struct listener *listener);
/* The next connection, non-blocking, owned by the caller; -1: one that may not. False: nobody
 * waits. */
bool listener_accept(const struct listener *listener, int *fd);

#endif
