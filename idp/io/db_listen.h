/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL's LISTEN / NOTIFY on a connection that does nothing else. What was sent while nobody
 * listened is lost: after each db_listen, and after each ERR_DB, whoever listens must take it that
 * everything may have changed.
 */
#ifndef PRATU_IO_DB_LISTEN_H
#define PRATU_IO_DB_LISTEN_H

#include "idp/io/db.h"

/* LISTEN on a channel, whose name is ours: [a-z_]+. Connects if need be. ERR_DB. */
MUST_CHECK struct result db_listen(struct db *db, const char *channel);
/* wake_fd: readable when the wait is to end early; -1: none. */
struct db_notice_wait {
	int wake_fd, timeout_ms;
};
struct db_notice {
	const char *channel, *payload; /* both NULL: none */
};
/* The next notification, in the arena: of any channel that this connection listens on. None in
 * time: both members NULL. ERR_DB: the connection is lost. */
MUST_CHECK struct result db_notified(struct db *db, struct arena *arena,
	const struct db_notice_wait *wait, struct db_notice *out);

#endif
