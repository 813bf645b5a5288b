/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/db_listen.h"
#include "idp/io/db_impl.h"
#include <poll.h>

struct result db_listen(struct db *db, const char *channel)
{
	struct arena *arena = arena_new();
	const char *sql = arena_printf(arena, "LISTEN %s", channel);
	const struct result done = db_script(db, sql);
	arena_free(arena);
	return done;
}

static const char *pending(struct db *db, struct arena *arena)
{
	PGnotify *notify = PQnotifies(db->conn);
	if (!notify)
		return NULL;
	const char *payload = arena_strdup(arena, notify->extra);
	PQfreemem(notify);
	return payload;
}

static struct result lost(struct db *db)
{
	const struct result fault = db_conn_fault(db, NULL, "LISTEN");
	db_conn_drop(db);
	return fault;
}

struct result db_notified(
	struct db *db, struct arena *arena, int wake_fd, int timeout_ms, const char **payload)
{
	*payload = NULL;
	if (!db->conn)
		FAIL(ERR_DB);
	if ((*payload = pending(db, arena)) != NULL)
		return OK;
	struct pollfd fds[] = {
		{.fd = PQsocket(db->conn), .events = POLLIN}, {.fd = wake_fd, .events = POLLIN}};
	if (poll(fds, 2, timeout_ms) <= 0 || fds[0].revents == 0)
		return OK;
	if (PQconsumeInput(db->conn) == 0 || PQstatus(db->conn) != CONNECTION_OK || db->doomed)
		return lost(db);
	*payload = pending(db, arena);
	return OK;
}
