/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/log.h"
#include "idp/io/db_impl.h"
#include <string.h>

/* What a connection is asked before a transaction may begin on it. */
static struct result before_begin(struct db *db)
{
	if (db->transaction != DB_OUTSIDE) {
		log_error("db.begin", "error", "a transaction was left open");
		db_rollback(db);
	}
	return db_conn_ready(db);
}

struct result db_begin(struct db *db)
{
	TRY(before_begin(db));
	TRY(db_command(db, "BEGIN", "BEGIN", DB_REPLY_MS));
	db->transaction = DB_INSIDE;
	return OK;
}

struct result db_begin_with_next(struct db *db)
{
	TRY(before_begin(db));
	db->begins = true;
	return OK;
}

void db_commit_with_next(struct db *db)
{
	db->commits = db->begins || db->transaction == DB_INSIDE;
}

static bool has_tag(PGresult *result, const char *tag)
{
	return db_good(result) && strcmp(PQcmdStatus(result), tag) == 0;
}

/* BEGIN and COMMIT, once for a connection: a backend that has slept needs 30 us to parse one. */
static struct result prepare_ends(struct db *db)
{
	static const char *const ends[] = {"BEGIN", "COMMIT"};
	for (size_t i = 0; !db->ends_prepared && i < sizeof ends / sizeof *ends; i++) {
		AUTO_RESULT PGresult *result = NULL;
		const int sent = PQsendPrepare(db->conn, ends[i], ends[i], 0, NULL);
		TRY(db_conn_answer(db, sent, DB_REPLY_MS, ends[i], &result));
		if (!db_good(result))
			return db_refused(db, result, ends[i]);
	}
	db->ends_prepared = true;
	return OK;
}

static int send_end(PGconn *conn, const char *name)
{
	return PQsendQueryPrepared(conn, name, 0, NULL, NULL, NULL, 0);
}

static int send_together(struct db *db, const struct query *query, const struct db_args *args)
{
	PGconn *const conn = db->conn;
	if (PQenterPipelineMode(conn) == 0)
		return 0;
	if (db->begins && send_end(conn, "BEGIN") == 0)
		return 0;
	if (PQsendQueryPrepared(
		    conn, query->name, args->n, args->values, args->lens, args->formats, 0) == 0)
		return 0;
	if (db->commits && send_end(conn, "COMMIT") == 0)
		return 0;
	return PQpipelineSync(conn);
}

/* A transaction that could not commit is over at the server: nothing goes on in it. */
static void settle(struct db *db, PGresult *query, PGresult *commit)
{
	if (!commit || !db_good(query))
		return;
	db->transaction = has_tag(commit, "COMMIT") ? DB_COMMITTED : DB_LOST;
	if (db->transaction == DB_LOST)
		(void)db_conn_fault(db, commit, "COMMIT").err;
}

struct result db_together(
	struct db *db, const struct query *query, const struct db_args *args, PGresult **out)
{
	PGresult *got[DB_TOGETHER_MAX] = {NULL};
	const int at = db->begins ? 1 : 0, n = at + 1 + (db->commits ? 1 : 0);
	TRY(prepare_ends(db));
	const int sent = send_together(db, query, args);
	/* From here on the server may be within a transaction. */
	db->transaction = DB_INSIDE;
	db->begins = db->commits = false;
	struct result done = db_conn_answers(db, sent, query->name, got, n);
	if (done.err == ERR_NONE && at == 1 && !has_tag(got[0], "BEGIN"))
		done = db_refused(db, got[0], "BEGIN");
	if (done.err == ERR_NONE) {
		settle(db, got[at], n > at + 1 ? got[at + 1] : NULL);
		*out = got[at];
		got[at] = NULL;
	}
	for (int i = 0; i < DB_TOGETHER_MAX; i++)
		PQclear(got[i]);
	return done;
}

/* COMMIT of a transaction that has failed answers ROLLBACK, without an error. */
struct result db_commit(struct db *db)
{
	const enum db_transaction was = db->transaction;
	if (was == DB_COMMITTED) {
		db->transaction = DB_OUTSIDE;
		return OK;
	}
	if (was != DB_INSIDE || !db->conn) {
		db_rollback(db);
		FAIL(ERR_DB);
	}
	const struct result done = db_command(db, "COMMIT", "COMMIT", DB_REPLY_MS);
	db->transaction = DB_OUTSIDE;
	db->commits = false;
	return done;
}

/* A rollback that does not work out ends the connection, and the server then rolls back by itself.
 */
void db_rollback(struct db *db)
{
	if (db->transaction == DB_INSIDE &&
		db_command(db, "ROLLBACK", "ROLLBACK", DB_REPLY_MS).err != ERR_NONE)
		db_conn_drop(db);
	db->transaction = DB_OUTSIDE;
	db->begins = db->commits = false;
}
