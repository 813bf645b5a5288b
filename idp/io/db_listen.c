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

static bool pending(struct db *db, struct arena *arena, struct db_notice *out)
{
	PGnotify *notify = PQnotifies(db->conn);
	if (!notify)
		return false;
	*out = (struct db_notice){
		arena_strdup(arena, notify->relname), arena_strdup(arena, notify->extra)};
	PQfreemem(notify);
	return true;
}

static struct result lost(struct db *db)
{
	const struct result fault = db_conn_fault(db, NULL, "LISTEN");
	db_conn_drop(db);
	return fault;
}

struct result db_notified(struct db *db, struct arena *arena, const struct db_notice_wait *wait,
	struct db_notice *out)
{
	*out = (struct db_notice){NULL, NULL};
	if (!db->conn)
		FAIL(ERR_DB);
	if (pending(db, arena, out))
		return OK;
	struct pollfd fds[] = {{.fd = PQsocket(db->conn), .events = POLLIN},
		{.fd = wait->wake_fd, .events = POLLIN}};
	if (poll(fds, 2, wait->timeout_ms) <= 0 || fds[0].revents == 0)
		return OK;
	if (PQconsumeInput(db->conn) == 0 || PQstatus(db->conn) != CONNECTION_OK || db->doomed)
		return lost(db);
	(void)pending(db, arena, out);
	return OK;
}
