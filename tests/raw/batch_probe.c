/* SPDX-License-Identifier: Apache-2.0 */
/*
 * idp/io/db_batch by hand, for tests/pg/test_batch.py: one command a line on standard input, its
 * words parted by spaces.
 *
 *   batch_probe CONNINFO CONNECTIONS LOCK_MS
 *
 *   run KEY N ADDRESS    a thread of its own runs the statement; when it is done, a line "KEY
 * none", "KEY failed" or "KEY KEY PLACE ADDRESS JOBS PID", which is its row inside KEY N ADDRESS
 * the same within a transaction, which is then committed stray KEY N ADDRESS  the same by a
 * statement that gives each row to the job behind its own waiting K            the line "waiting K"
 * once K jobs wait that nobody works on
 *
 * ADDRESS is \N for NULL.
 */
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/io/db_batch.h"
#include "idp/io/db_bind.h"
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_LEN 1024
#define JOBS_MAX 64

struct in {
	const char *key;
	int64_t n;
	const char *address;
};

struct row {
	const char *key;
	int64_t place;
	const char *address;
	int64_t jobs, pid;
};

static const struct db_field params[] = {
	{"key", DB_TEXT, false, offsetof(struct in, key), 0},
	{"n", DB_INT, false, offsetof(struct in, n), 0},
	{"address", DB_TEXT, true, offsetof(struct in, address), 0},
};
static const struct db_field columns[] = {
	{"key", DB_TEXT, false, offsetof(struct row, key), 0},
	{"place", DB_INT, false, offsetof(struct row, place), 0},
	{"address", DB_TEXT, true, offsetof(struct row, address), 0},
	{"jobs", DB_INT, false, offsetof(struct row, jobs), 0},
	{"pid", DB_INT, false, offsetof(struct row, pid), 0},
};
static const struct db_extreme extremes[] = {{&params[1], false}, {&params[1], true}};
static const char *const types[] = {"text[]", "bigint[]", "text[]", "bigint", "bigint"};

#define HIT(number) \
	"WITH hit AS (UPDATE public.probe p SET hits = hits + 1" \
	" FROM unnest($1, $2, $3) WITH ORDINALITY AS a (key, n, address, job)" \
	" WHERE p.n = a.n AND p.n BETWEEN $4 AND $5 RETURNING a.job, a.key, a.address::inet)" \
	" SELECT " number " AS job, key, job AS place, host(address) AS address," \
	" cardinality($1)::bigint AS jobs, pg_backend_pid()::bigint AS pid FROM hit"
#define BINDING(name, number) \
	{ \
		{name, HIT(number), types, 5, 6}, params, columns, DB_ROWS_MAYBE, \
			sizeof(struct row), 32, extremes, 2 \
	}

static const struct db_binding hit = BINDING("probe/hit", "job");
static const struct db_binding stray = BINDING("probe/stray", "job + 1");

struct job {
	pthread_t thread;
	struct db *db;
	const struct db_binding *binding;
	bool inside;
	char key[64], address[64];
	int64_t n;
};

static struct result run_inside(
	struct job *job, struct arena *arena, const struct in *in, const void **row)
{
	TRY(db_begin(job->db));
	const struct result done = db_run(job->db, arena, job->binding, in, row);
	if (done.err == ERR_NONE)
		return db_commit(job->db);
	db_rollback(job->db);
	return done;
}

static void *run(void *arg)
{
	struct job *job = arg;
	struct arena *arena = arena_new();
	const struct in in = {job->key, job->n, str_eq(job->address, "\\N") ? NULL : job->address};
	const void *found = NULL;
	const struct result done = job->inside ? run_inside(job, arena, &in, &found)
					       : db_run(job->db, arena, job->binding, &in, &found);
	const struct row *row = found;
	if (done.err != ERR_NONE)
		printf("%s failed\n", job->key);
	else if (!row)
		printf("%s none\n", job->key);
	else
		printf("%s %s %lld %s %lld %lld\n", job->key, row->key, (long long)row->place,
			row->address ? row->address : "\\N", (long long)row->jobs,
			(long long)row->pid);
	fflush(stdout);
	arena_free(arena);
	return NULL;
}

static void await_waiting(struct db_batch *batch, size_t n)
{
	while (db_batch_figures(batch).waiting != n)
		sched_yield();
	printf("waiting %zu\n", n);
	fflush(stdout);
}

static void start(struct job *job, const char *command, char *rest)
{
	job->binding = str_eq(command, "stray") ? &stray : &hit;
	job->inside = str_eq(command, "inside");
	(void)snprintf(job->key, sizeof job->key, "%s", strsep(&rest, " "));
	job->n = strtoll(strsep(&rest, " "), NULL, 10);
	(void)snprintf(job->address, sizeof job->address, "%s", rest);
	if (pthread_create(&job->thread, NULL, run, job) != 0)
		abort();
}

static int answer_all(struct db_batch *batch, struct job *jobs, const char *conninfo)
{
	char line[LINE_MAX_LEN];
	int n = 0;
	while (n < JOBS_MAX && fgets(line, sizeof line, stdin)) {
		char *rest = line;
		line[strcspn(line, "\n")] = '\0';
		const char *command = strsep(&rest, " ");
		if (str_eq(command, "waiting")) {
			await_waiting(batch, strtoul(rest, NULL, 10));
			continue;
		}
		jobs[n].db = db_new(conninfo, "batch_probe own");
		db_batch_join(jobs[n].db, batch);
		start(&jobs[n++], command, rest);
	}
	return n;
}

int main(int argc, char **argv)
{
	static struct job jobs[JOBS_MAX];
	if (argc != 4)
		return 2;
	log_open("batch_probe", LOG_LEVEL_INFO);
	const struct db_batch_setup setup = {argv[1], "batch_probe batch",
		(int)strtol(argv[2], NULL, 10), (int)strtol(argv[3], NULL, 10), NULL, NULL, NULL,
		false};
	struct db_batch *batch = db_batch_new(&setup);
	const int n = answer_all(batch, jobs, argv[1]);
	for (int i = 0; i < n; i++) {
		pthread_join(jobs[i].thread, NULL);
		db_free(jobs[i].db);
	}
	db_batch_free(batch);
	return 0;
}
