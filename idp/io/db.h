/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL; the only place that includes libpq. One struct db is one connection, used by one
 * thread at a time. Queries are the files of sql/query/<role>/<name>.sql, prepared on first use:
 * each is a function of queries_<role>.h (db_bind.h). A lost connection is opened again at the next
 * call, never within a transaction, and a statement is never sent twice: whether it was committed
 * is unknown, and unknown means deny (I4).
 */
#ifndef PRATU_IO_DB_H
#define PRATU_IO_DB_H

#include "idp/base/arena.h"
#include "idp/base/crypto.h"
#include "idp/base/meter.h"
#include "idp/base/result.h"
#include "idp/io/db_array.h"
#include <stdbool.h>

struct db;

struct query {
	const char *name; /* "web/session_load" */
	const char *sql;
	const char *const *param_types; /* type names as declared in the file's "-- params:" line */
	int n_params, n_columns;
};

/* conninfo: libpq's. application: shown in pg_stat_activity. Does not connect yet. Owned by the
 * caller. */
struct db *db_new(const char *conninfo, const char *application);
/* The same for a role that serves: each connection begins by asking whether this database may be
 * used (idp.admit), and is closed where it may not: restored to an earlier moment, and `pratu
 * recover` was not run. Every call is ERR_DB then, and the log says why. */
struct db *db_new_admitted(const char *conninfo, const char *application);
/* NULL-safe. */
void db_free(struct db *db);
/* From here on each round trip of this connection is added to a meter of db_meter_kind, by the name
 * of its query or by what it is else (BEGIN, COMMIT, connect). meter is borrowed; NULL: none. */
void db_observe(struct db *db, struct meter *meter);
extern const struct meter_kind db_meter_kind;
/* Connect if not connected, and ask for a sign of life. ERR_DB. */
MUST_CHECK struct result db_ping(struct db *db);
/* From here on queries of this connection may take any time, for commands that people wait for.
 * ERR_DB. */
MUST_CHECK struct result db_patience(struct db *db);

/* Arguments in order. Text form but for bytes, which go in binary. NULL text is SQL NULL. */
#define DB_ARGS_MAX 40
struct db_args {
	struct arena *arena;
	int n;
	const char *values[DB_ARGS_MAX];
	int lens[DB_ARGS_MAX];
	int formats[DB_ARGS_MAX];
};
/* An empty list of arguments; what is added is copied to the arena as far as it must be. */
struct db_args db_args(struct arena *arena);
/* Append the next parameter. Text serves also uuid, jsonb, inet and array literals, and must live
 * as long as args; NULL text or bytes is SQL NULL. */
void db_text(struct db_args *args, const char *text);
void db_int(struct db_args *args, int64_t number);
void db_bool(struct db_args *args, bool flag);
void db_bytes(struct db_args *args, const void *bytes, size_t len);
/* A value in PostgreSQL's binary form (db_column.h), not copied. */
void db_binary(struct db_args *args, const void *bytes, size_t len);

/* Begin a transaction; one that was left open is rolled back first. ERR_DB. */
MUST_CHECK struct result db_begin(struct db *db);
/* The same, but BEGIN is sent with the next query, which saves a round trip; until then there is no
 * transaction. ERR_DB. */
MUST_CHECK struct result db_begin_with_next(struct db *db);
/* Send COMMIT with the next query, which is the transaction's last: if the server refuses it,
 * nothing is committed. What became of the COMMIT is told by db_commit, which is called as ever,
 * and before which nothing may leave (I1). The rows of the query do not decide any more. */
void db_commit_with_next(struct db *db);
/* On any failure of commit the outcome is unknown: deny. */
MUST_CHECK struct result db_commit(struct db *db);
void db_rollback(struct db *db); /* harmless outside a transaction */
/* The SQLSTATE and message of the last failure, for logs and for the command line; "" if none. */
const char *db_sqlstate(const struct db *db);
const char *db_message(const struct db *db);
/* Several statements in simple form, for migrations only: text is a constant of Pratu, never input.
 */
MUST_CHECK struct result db_script(struct db *db, const char *sql);

#endif
