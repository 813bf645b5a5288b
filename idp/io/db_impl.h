/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files db*.c share, and nobody else includes: the connection's state, and the steps below
 * db.h.
 */
#ifndef PRATU_IO_DB_IMPL_H
#define PRATU_IO_DB_IMPL_H

#include "idp/io/db.h"
#include "idp/io/db_bind.h"
#include <libpq-fe.h>

#define DB_PREPARED_MAX 256 /* queries of one role */
#define DB_CONNECT_S 3 /* at most, per host of the conninfo */
#define DB_STATEMENT_MS 5000 /* the server gives a statement up */
#define DB_LOCK_MS 4000 /* the server gives waiting for a lock up */
#define DB_IDLE_MS 10000 /* the server gives up on us within a transaction */
#define DB_REPLY_MS 8000 /* we give up on the server */
#define DB_FOREVER (-1)

enum db_transaction {
	DB_OUTSIDE,
	DB_INSIDE,
	DB_LOST, /* the connection died within; nothing works until db_rollback or db_commit */
};

struct db {
	char *conninfo, *application;
	PGconn *conn; /* NULL: not connected */
	enum db_transaction transaction;
	bool doomed; /* the server has sent a closing message */
	bool patient; /* queries may take any time */
	bool strict; /* a missing column ends the process */
	struct meter *meter; /* NULL: none */
	int64_t retry_at_us, complain_at_us;
	int n_prepared;
	const struct query *prepared[DB_PREPARED_MAX];
	char sqlstate[6];
	char message[300];
};

/* Make sure of a connection that was alive a moment ago. Opens a new one only outside a
 * transaction. ERR_DB. */
MUST_CHECK struct result db_conn_ready(struct db *db);
/* Close, forgetting what was prepared. A transaction under way is lost. NULL-safe connection. */
void db_conn_drop(struct db *db);
/* After a PQsend call that returned `sent`: send the rest, wait for the end of the answer at most
 * timeout_ms. *out is the last result, owned by the caller; never NULL on success. Any failure
 * drops the connection. ERR_DB. */
MUST_CHECK struct result db_conn_answer(
	struct db *db, int sent, int timeout_ms, const char *name, PGresult **out);
/* Keep SQLSTATE and message of a result (or of the connection, if NULL) and log them with the
 * query's name; never its arguments. Returns ERR_DB. */
MUST_CHECK struct result db_conn_fault(struct db *db, const PGresult *result, const char *name);

/* Run one prepared query. args may be NULL if it has none. *out is a good result with as many
 * columns as declared, owned by the caller. ERR_DB. */
MUST_CHECK struct result db_result(
	struct db *db, const struct query *query, const struct db_args *args, PGresult **out);

/* The two halves of db_run around the server. in and out are as there; args is empty at first.
 * strict: other columns than declared end the process. ERR_DB. */
MUST_CHECK struct result db_bind_args(
	const struct db_binding *binding, const void *in, struct db_args *args);
MUST_CHECK struct result db_bind_rows(struct arena *arena, const struct db_binding *binding,
	const PGresult *result, bool strict, void *out);

#define AUTO_RESULT __attribute__((cleanup(db_conn_clear)))
/* Releases at the end of the scope: AUTO_RESULT PGresult *result = NULL; */
void db_conn_clear(PGresult **result);

#endif
