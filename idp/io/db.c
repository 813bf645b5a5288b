/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/io/db_impl.h"
#include <stdlib.h>
#include <string.h>

static char *copy(const char *text)
{
	char *made = strdup(text);
	if (!made)
		abort();
	return made;
}

struct db *db_new(const char *conninfo, const char *application)
{
	struct db *db = calloc(1, sizeof *db);
	if (!db)
		abort();
	db->conninfo = copy(conninfo);
	db->application = copy(application);
	db->strict = getenv("PRATU_STRICT") != NULL;
	return db;
}

struct db *db_new_admitted(const char *conninfo, const char *application)
{
	struct db *db = db_new(conninfo, application);
	db->admitted = true;
	return db;
}

void db_free(struct db *db)
{
	if (!db)
		return;
	db_conn_drop(db);
	explicit_bzero(db->conninfo, strlen(db->conninfo)); /* may hold a password */
	free(db->conninfo);
	free(db->application);
	free(db);
}

void db_observe(struct db *db, struct meter *meter)
{
	db->meter = meter;
}

const char *db_sqlstate(const struct db *db)
{
	return db->sqlstate;
}

const char *db_message(const struct db *db)
{
	return db->message;
}

bool db_good(const PGresult *result)
{
	const ExecStatusType status = PQresultStatus(result);
	return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

/* Answers after which this connection can do no more good: a plan or statement of another time
 * (0A000 after a migration, 26000), and a server that is no longer the primary (25006). The next
 * call opens a new one. */
static bool spoils_connection(const char *sqlstate)
{
	static const char *const states[] = {"0A000", "26000", "25006"};
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (strcmp(sqlstate, states[i]) == 0)
			return true;
	return false;
}

/* An error that ends the statement, and with it its transaction, but not the connection. What ends
 * the connection, or reports an unknown outcome, leaves that open. */
static bool left_unchanged(const struct db *db, const PGresult *result)
{
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
	return str_eq(severity, "ERROR") && !str_eq(db->sqlstate, "40003") &&
	       PQstatus(db->conn) == CONNECTION_OK && PQtransactionStatus(db->conn) == PQTRANS_IDLE;
}

struct result db_refused(struct db *db, const PGresult *result, const char *name)
{
	const struct result fault = db_conn_fault(db, result, name);
	db->unchanged = left_unchanged(db, result);
	if (spoils_connection(db->sqlstate))
		db_conn_drop(db);
	return fault;
}

struct result db_command(struct db *db, const char *sql, const char *tag, int timeout_ms)
{
	AUTO_RESULT PGresult *result = NULL;
	const char *name = tag ? tag : "script";
	TRY(db_conn_answer(db, PQsendQuery(db->conn, sql), timeout_ms, name, &result));
	if (!db_good(result))
		return db_refused(db, result, name);
	if (tag && strcmp(PQcmdStatus(result), tag) != 0)
		FAIL(ERR_DB);
	return OK;
}

static bool is_prepared(const struct db *db, const struct query *query)
{
	for (int i = 0; i < db->n_prepared; i++)
		if (db->prepared[i] == query)
			return true;
	return false;
}

/* PREPARE in SQL and not the protocol's own, since it takes the parameters' types by name. */
static const char *prepare_text(struct arena *arena, const struct query *query)
{
	struct buf sql = buf_new(arena);
	buf_printf(&sql, "PREPARE \"%s\"", query->name);
	for (int i = 0; i < query->n_params; i++)
		buf_printf(&sql, "%s%s", i == 0 ? " (" : ", ", query->param_types[i]);
	buf_printf(&sql, "%s AS %s", query->n_params > 0 ? ")" : "", query->sql);
	return sql.text;
}

static struct result prepare(struct db *db, const struct query *query)
{
	AUTO_RESULT PGresult *result = NULL;
	if (is_prepared(db, query))
		return OK;
	if (db->n_prepared >= DB_PREPARED_MAX)
		FAIL(ERR_DB);
	struct arena *arena = arena_new();
	const int sent = PQsendQuery(db->conn, prepare_text(arena, query));
	arena_free(arena);
	TRY(db_conn_answer(db, sent, DB_REPLY_MS, query->name, &result));
	if (!db_good(result))
		return db_refused(db, result, query->name);
	db->prepared[db->n_prepared++] = query;
	return OK;
}

static struct result check_columns(struct db *db, const struct query *query, const PGresult *result)
{
	if (PQnfields(result) == query->n_columns)
		return OK;
	log_error("db.columns", "query", query->name, "error", "another number than declared");
	if (db->strict)
		abort();
	FAIL(ERR_DB);
}

static int reply_ms(const struct db *db)
{
	return db->patient ? DB_FOREVER : DB_REPLY_MS;
}

static struct result alone(
	struct db *db, const struct query *query, const struct db_args *args, PGresult **out)
{
	const int sent = PQsendQueryPrepared(
		db->conn, query->name, args->n, args->values, args->lens, args->formats, 0);
	return db_conn_answer(db, sent, reply_ms(db), query->name, out);
}

struct result db_result(
	struct db *db, const struct query *query, const struct db_args *args, PGresult **out)
{
	static const struct db_args none;
	AUTO_RESULT PGresult *result = NULL;
	db->unchanged = false;
	if (!args)
		args = &none;
	if (args->n != query->n_params) {
		log_error("db.args", "query", query->name, "error", "another number than declared");
		FAIL(ERR_DB);
	}
	TRY(db_conn_ready(db));
	TRY(prepare(db, query));
	TRY(db->begins || db->commits ? db_together(db, query, args, &result)
				      : alone(db, query, args, &result));
	if (!db_good(result))
		return db_refused(db, result, query->name);
	TRY(check_columns(db, query, result));
	*out = result;
	result = NULL;
	return OK;
}

struct result db_ping(struct db *db)
{
	TRY(db_conn_ready(db));
	return db_command(db, "SELECT 1", "SELECT 1", DB_REPLY_MS);
}

struct result db_patience(struct db *db)
{
	TRY(db_conn_ready(db));
	TRY(db_command(db, "SET statement_timeout = 0", NULL, DB_REPLY_MS));
	db->patient = true;
	return OK;
}

struct result db_script(struct db *db, const char *sql)
{
	TRY(db_conn_ready(db));
	TRY(db_command(db, "SET statement_timeout = 0", NULL, DB_REPLY_MS));
	const struct result done = db_command(db, sql, NULL, DB_FOREVER);
	/* Within a transaction that has failed, its end takes the setting back. */
	if (db->conn && PQtransactionStatus(db->conn) != PQTRANS_INERROR)
		TRY(db_command(db, "RESET statement_timeout", NULL, DB_REPLY_MS));
	return done;
}
