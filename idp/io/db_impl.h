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
	DB_COMMITTED, /* COMMIT went with a query and was acknowledged; db_commit tells so */
};

struct db {
	char *conninfo, *application;
	PGconn *conn; /* NULL: not connected */
	enum db_transaction transaction;
	bool begins, commits; /* BEGIN goes with the next query; COMMIT does */
	bool ends_prepared; /* BEGIN and COMMIT are, by these names */
	bool doomed; /* the server has sent a closing message */
	bool admitted; /* each connection asks first whether it may be used: db_new_admitted */
	bool patient; /* queries may take any time */
	bool strict; /* a missing column ends the process */
	bool unchanged; /* the last db_result failed by an error of the server: nothing is changed
			 */
	struct db_batch *batch; /* that it has joined, or NULL */
	int lock_ms; /* the server gives waiting for a lock up; 0: DB_LOCK_MS, or what the conninfo
			has */
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
#define DB_TOGETHER_MAX 3
/* The same for several that were sent together, up to and with their PQpipelineSync: the result of
 * each in out, in order, `n` of them, owned by the caller also on failure. One that was not run
 * because another before it failed says so by its status. */
MUST_CHECK struct result db_conn_answers(
	struct db *db, int sent, const char *name, PGresult *out[static DB_TOGETHER_MAX], int n);
/* Keep SQLSTATE and message of a result (or of the connection, if NULL) and log them with the
 * query's name; never its arguments. Returns ERR_DB. */
MUST_CHECK struct result db_conn_fault(struct db *db, const PGresult *result, const char *name);

/* Run one prepared query. args may be NULL if it has none. *out is a good result with as many
 * columns as declared, owned by the caller. ERR_DB. */
MUST_CHECK struct result db_result(
	struct db *db, const struct query *query, const struct db_args *args, PGresult **out);

/* Did the server do it? */
bool db_good(const PGresult *result);
/* What the server refused: as db_conn_fault, and a connection that can do no more good is closed.
 */
MUST_CHECK struct result db_refused(struct db *db, const PGresult *result, const char *name);
/* Run a statement of ours without arguments. tag: the command tag that must be returned, NULL for
 * any. ERR_DB. */
MUST_CHECK struct result db_command(
	struct db *db, const char *sql, const char *tag, int timeout_ms);
/* Send a query that is prepared, with the BEGIN before it and the COMMIT behind it that were asked
 * for, in one go. *out is the query's result, good or bad, owned by the caller; not set on failure.
 * What became of the COMMIT is left for db_commit. ERR_DB. */
MUST_CHECK struct result db_together(
	struct db *db, const struct query *query, const struct db_args *args, PGresult **out);

/* The two halves of db_run around the server. in and out are as there; args is empty at first.
 * strict: other columns than declared end the process. ERR_DB. */
MUST_CHECK struct result db_bind_args(
	const struct db_binding *binding, const void *in, struct db_args *args);
MUST_CHECK struct result db_bind_rows(struct arena *arena, const struct db_binding *binding,
	const PGresult *result, bool strict, void *out);

/* Is the member of in NULL, by its pointer or its flag? */
bool db_bind_null(const struct db_field *field, const void *in);
/* NULL in members that are not declared null. ERR_DB. */
MUST_CHECK struct result db_bind_check(const struct db_binding *binding, const void *in);
/* Are the answer's columns those declared? ERR_DB, or the end of the process if strict. */
MUST_CHECK struct result db_bind_names(
	const struct db_binding *binding, const PGresult *result, bool strict);
/* One row of the answer to the struct of a row. ERR_DB. */
MUST_CHECK struct result db_bind_row(struct arena *arena, const struct db_binding *binding,
	const PGresult *result, int row, void *out);
/* Log what is wrong with a member or column (NULL: none). Returns ERR_DB. */
MUST_CHECK struct result db_bind_wrong(
	const struct db_binding *binding, const char *member, const char *error);
/* db_run of a query in batches. */
MUST_CHECK struct result db_batch_run(struct db *db, struct arena *arena,
	const struct db_binding *binding, const void *in, void *out);

#define AUTO_RESULT __attribute__((cleanup(db_conn_clear)))
/* Releases at the end of the scope: AUTO_RESULT PGresult *result = NULL; */
void db_conn_clear(PGresult **result);

#endif
