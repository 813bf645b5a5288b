/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/clock.h"
#include "idp/base/log.h"
#include "idp/io/db_impl.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define STR2(x) #x
#define STR(x) STR2(x)
#define COMPLAIN_EVERY_US 5000000

/* How statements are planned is a matter of the database role: sql/roles.sql. */
/* clang-format off */
static const char OPTIONS[] =
	"-c statement_timeout=" STR(DB_STATEMENT_MS)
	" -c lock_timeout=" STR(DB_LOCK_MS)
	" -c idle_in_transaction_session_timeout=" STR(DB_IDLE_MS)
	" -c bytea_output=hex -c TimeZone=UTC -c DateStyle=ISO";
/* clang-format on */

enum db_outcome {
	DB_ANSWERED,
	DB_ERROR, /* the server refused the statement */
	DB_NO_ANSWER, /* the connection was lost, could not be opened, or was too slow */
};
static const char *const outcomes[] = {"ok", "error", "lost"};

const struct meter_kind db_meter_kind = {
	.counter = "pratu_database_calls_total",
	.counter_help = "Round trips to PostgreSQL, by query and how they ended.",
	.duration = "pratu_database_call_duration_seconds",
	.duration_help = "From sending to the end of PostgreSQL's answer.",
	.label = "query",
	.outcome_label = "outcome",
	.outcomes = outcomes,
	.n_outcomes = sizeof outcomes / sizeof *outcomes,
};

static void count(const struct db *db, const char *name, enum db_outcome outcome, int64_t began_us)
{
	if (db->meter)
		meter_add(db->meter, name, outcome, clock_monotonic_us() - began_us);
}

void db_conn_clear(PGresult **result)
{
	PQclear(*result);
}

/* 22xxx messages quote the value that did not fit: an argument. */
static bool quotes_value(const char *sqlstate)
{
	return strncmp(sqlstate, "22", 2) == 0;
}

static void keep_message(struct db *db, const char *text)
{
	snprintf(db->message, sizeof db->message, "%s", text ? text : "");
	db->message[strcspn(db->message, "\n")] = '\0';
}

struct result db_conn_fault(struct db *db, const PGresult *result, const char *name)
{
	const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	snprintf(db->sqlstate, sizeof db->sqlstate, "%s", state ? state : "08006");
	if (quotes_value(db->sqlstate))
		keep_message(db, "a value has not the form or the bounds of its type");
	else if (result && state)
		keep_message(db, PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
	else
		keep_message(db, db->conn ? PQerrorMessage(db->conn) : "no connection");
	log_error("db.fault", "query", name, "sqlstate", db->sqlstate, "message", db->message);
	FAIL(ERR_DB);
}

void db_conn_drop(struct db *db)
{
	PQfinish(db->conn);
	db->conn = NULL;
	db->n_prepared = 0;
	db->ends_prepared = false;
	db->doomed = false;
	if (db->transaction == DB_INSIDE)
		db->transaction = DB_LOST;
}

/* The server's closing message reaches an idle connection as a notice. */
static void on_notice(void *arg, const PGresult *notice)
{
	struct db *db = arg;
	const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
	if (severity && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0))
		db->doomed = true;
}

static bool alive(struct db *db)
{
	struct pollfd poll_fd = {.fd = PQsocket(db->conn), .events = POLLIN};
	if (PQstatus(db->conn) != CONNECTION_OK)
		return false;
	if (poll(&poll_fd, 1, 0) == 0)
		return true;
	if (PQconsumeInput(db->conn) == 0)
		return false;
	(void)PQisBusy(db->conn); /* this is what parses a closing message */
	return PQstatus(db->conn) == CONNECTION_OK && !db->doomed;
}

/* Our options precede the others, so that those of the conninfo override them; what a connection
 * has of its own comes last. */
static void join_options(const struct db *db, char *out, size_t size)
{
	PQconninfoOption *items = PQconninfoParse(db->conninfo, NULL);
	char own[40] = "";
	const char *theirs = "";
	for (PQconninfoOption *item = items; item && item->keyword; item++)
		if (strcmp(item->keyword, "options") == 0 && item->val)
			theirs = item->val;
	if (db->lock_ms > 0)
		snprintf(own, sizeof own, " -c lock_timeout=%d", db->lock_ms);
	snprintf(out, size, "%s %s%s", OPTIONS, theirs, own);
	PQconninfoFree(items);
}

/* The conninfo overrides options before dbname, not those after it. */
static PGconn *connect_to(const struct db *db)
{
	char options[1024];
	join_options(db, options, sizeof options);
	const char *const names[] = {"connect_timeout", "keepalives_idle", "keepalives_interval",
		"keepalives_count", "tcp_user_timeout", "dbname", "application_name",
		"client_encoding", "options", NULL};
	const char *const values[] = {STR(DB_CONNECT_S), "10", "3", "3", STR(DB_REPLY_MS),
		db->conninfo, db->application, "UTF8", options, NULL};
	return PQconnectdbParams(names, values, 1);
}

/* While the database is away every request tries to connect: log it only once in a while. */
static void complain(struct db *db, int64_t now_us)
{
	snprintf(db->sqlstate, sizeof db->sqlstate, "08001");
	keep_message(db, PQerrorMessage(db->conn));
	if (now_us < db->complain_at_us)
		return;
	db->complain_at_us = now_us + COMPLAIN_EVERY_US;
	log_error("db.connect", "application", db->application, "message", db->message);
}

/* A database that was restored is used by nobody before `pratu recover`: unknown means deny (I4).
 * Its message is that of PQerrorMessage. The wait is bounded as any statement's, by the server. */
static bool is_admitted(const struct db *db)
{
	if (PQstatus(db->conn) != CONNECTION_OK || !db->admitted)
		return PQstatus(db->conn) == CONNECTION_OK;
	AUTO_RESULT PGresult *result = PQexec(db->conn, "SELECT idp.admit()");
	return PQresultStatus(result) == PGRES_TUPLES_OK;
}

static struct result connect_anew(struct db *db)
{
	const int64_t began_us = clock_monotonic_us();
	if (began_us < db->retry_at_us)
		FAIL(ERR_DB);
	db->conn = connect_to(db);
	if (is_admitted(db)) {
		PQsetNoticeReceiver(db->conn, on_notice, db);
		db->complain_at_us = 0;
		count(db, "connect", DB_ANSWERED, began_us);
		return OK;
	}
	/* A try that was slow to fail is not repeated for as long as it took: callers queue behind
	 * it. */
	const int64_t now_us = clock_monotonic_us();
	db->retry_at_us = now_us + (now_us - began_us);
	complain(db, now_us);
	count(db, "connect", DB_NO_ANSWER, began_us);
	db_conn_drop(db);
	FAIL(ERR_DB);
}

struct result db_conn_ready(struct db *db)
{
	if (db->conn && !alive(db))
		db_conn_drop(db);
	if (db->transaction == DB_LOST)
		FAIL(ERR_DB);
	return db->conn ? OK : connect_anew(db);
}

static struct result await(struct db *db, short events, int64_t deadline_us)
{
	for (;;) {
		struct pollfd poll_fd = {.fd = PQsocket(db->conn), .events = events};
		const int64_t left_us = deadline_us - clock_monotonic_us();
		if (deadline_us >= 0 && left_us <= 0)
			FAIL(ERR_DB);
		const int n = poll(&poll_fd, 1, deadline_us < 0 ? -1 : (int)(left_us / 1000 + 1));
		if (n > 0)
			return OK;
		if (n < 0 && errno != EINTR)
			FAIL(ERR_DB);
	}
}

static struct result flush(struct db *db, int64_t deadline_us)
{
	for (int left = PQflush(db->conn); left != 0; left = PQflush(db->conn)) {
		if (left < 0)
			FAIL(ERR_DB);
		TRY(await(db, POLLIN | POLLOUT, deadline_us));
		if (PQconsumeInput(db->conn) == 0)
			FAIL(ERR_DB);
	}
	return OK;
}

static struct result next_result(struct db *db, int64_t deadline_us, PGresult **out)
{
	while (PQisBusy(db->conn) != 0) {
		TRY(await(db, POLLIN, deadline_us));
		if (PQconsumeInput(db->conn) == 0)
			FAIL(ERR_DB);
	}
	*out = PQgetResult(db->conn);
	return OK;
}

/* Scripts answer with several results; an error is always the last. */
static struct result last_result(struct db *db, int64_t deadline_us, PGresult **out)
{
	AUTO_RESULT PGresult *last = NULL;
	for (;;) {
		PGresult *result = NULL;
		TRY(next_result(db, deadline_us, &result));
		if (!result)
			break;
		PQclear(last);
		last = result;
	}
	if (!last)
		FAIL(ERR_DB);
	*out = last;
	last = NULL;
	return OK;
}

static struct result answer(struct db *db, int sent, int timeout_ms, PGresult **out)
{
	const int64_t deadline_us =
		timeout_ms < 0 ? -1 : clock_monotonic_us() + (int64_t)timeout_ms * 1000;
	if (sent == 0)
		FAIL(ERR_DB);
	TRY(flush(db, deadline_us));
	return last_result(db, deadline_us, out);
}

struct result db_conn_answer(
	struct db *db, int sent, int timeout_ms, const char *name, PGresult **out)
{
	const int64_t began_us = clock_monotonic_us();
	const struct result done = answer(db, sent, timeout_ms, out);
	if (done.err == ERR_NONE) {
		const bool error = PQresultStatus(*out) == PGRES_FATAL_ERROR;
		count(db, name, error ? DB_ERROR : DB_ANSWERED, began_us);
		return done;
	}
	count(db, name, DB_NO_ANSWER, began_us);
	const struct result fault = db_conn_fault(db, NULL, name);
	db_conn_drop(db);
	return fault;
}

/* Each result, and behind each a NULL; last that of the PQpipelineSync. */
static struct result each_result(struct db *db, PGresult **out, int n)
{
	const int64_t deadline_us = clock_monotonic_us() + DB_REPLY_MS * INT64_C(1000);
	AUTO_RESULT PGresult *synced = NULL, *end = NULL;
	TRY(flush(db, deadline_us));
	for (int i = 0; i < n; i++) {
		TRY(next_result(db, deadline_us, &out[i]));
		TRY(next_result(db, deadline_us, &end));
		if (!out[i] || end)
			FAIL(ERR_DB);
	}
	TRY(next_result(db, deadline_us, &synced));
	if (PQresultStatus(synced) != PGRES_PIPELINE_SYNC || PQexitPipelineMode(db->conn) == 0)
		FAIL(ERR_DB);
	return OK;
}

struct result db_conn_answers(
	struct db *db, int sent, const char *name, PGresult *out[static DB_TOGETHER_MAX], int n)
{
	const int64_t began_us = clock_monotonic_us();
	if (sent != 0 && each_result(db, out, n).err == ERR_NONE) {
		bool error = false;
		for (int i = 0; i < n; i++)
			error = error || PQresultStatus(out[i]) == PGRES_FATAL_ERROR;
		count(db, name, error ? DB_ERROR : DB_ANSWERED, began_us);
		return OK;
	}
	count(db, name, DB_NO_ANSWER, began_us);
	const struct result fault = db_conn_fault(db, NULL, name);
	db_conn_drop(db);
	return fault;
}
