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
/* The payload of the next notification, in the arena; *payload NULL: none within timeout_ms, or
 * wake_fd (-1: none) became readable. ERR_DB: the connection is lost. */
MUST_CHECK struct result db_notified(
	struct db *db, struct arena *arena, int wake_fd, int timeout_ms, const char **payload);

#endif
