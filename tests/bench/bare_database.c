/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The limits for what works with the database: one statement and the signatures that it takes.
 * usage: bare_database WORK CONNINFO THREADS SECONDS, WORK one of
 *   redeem   a committed conditional UPDATE of one row, and two ES256 signatures
 *   issue    a committed INSERT of one row
 *   look     a SELECT of one row by its key, and the verification of one ES256 signature
 *   disclose the same, with a row in another table that records it, committed
 * Threads that each loop over it, with nothing around. Prints "<rate per second> <p50 us> <p99
 * us>".
 *
 * bare_database http WORK CONNINFO THREADS PORT does the same for each request that it is sent:
 * libmicrohttpd with a thread for each connection, at most THREADS of them, which does the work and
 * answers with a few bytes. Ends at end of standard input.
 */
#include <libpq-fe.h>
#include <microhttpd.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROWS_PER_THREAD 20000
#define TIMES_MAX 1000000 /* of one thread */
#define THREADS_MAX 128

static const unsigned char text[400] = {1};

struct work {
	const char *name;
	const char *sql;
	int rows_per_thread; /* there before it begins */
	bool again; /* may a row be used twice? */
	int signs, verifies;
};

static const struct work works[] = {
	{"redeem", "UPDATE bench_code SET spent_at = now() WHERE id = $1::int AND spent_at IS NULL",
		ROWS_PER_THREAD, false, 2, 0},
	{"issue", "INSERT INTO bench_code (id) VALUES ($1::int)", 0, false, 0, 0},
	{"look", "SELECT id, spent_at FROM bench_code WHERE id = $1::int", ROWS_PER_THREAD, true, 0,
		1},
	{"disclose",
		"WITH found AS (SELECT id FROM bench_code WHERE id = $1::int), "
		"recorded AS (INSERT INTO bench_event (id) SELECT id FROM found) "
		"SELECT id FROM found",
		ROWS_PER_THREAD, true, 0, 1},
};
#define WORKS (sizeof works / sizeof *works)

struct worker {
	pthread_t thread;
	const struct work *work;
	const char *conninfo;
	PGconn *db;
	EVP_PKEY *key;
	unsigned char signature[128];
	size_t signature_len;
	int number;
	int64_t until_us;
	int n;
	int32_t *took_us;
};

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void must(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "bare_database: %s failed\n", what);
		exit(1);
	}
}

static void sign(struct worker *w)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	w->signature_len = sizeof(w->signature);
	must(ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, w->key) == 1 &&
			EVP_DigestSign(ctx, w->signature, &w->signature_len, text, sizeof(text)) ==
				1,
		"signature");
	EVP_MD_CTX_free(ctx);
}

static void verify(const struct worker *w)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	must(ctx && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, w->key) == 1 &&
			EVP_DigestVerify(ctx, w->signature, w->signature_len, text, sizeof(text)) ==
				1,
		"verification");
	EVP_MD_CTX_free(ctx);
}

static void run(const struct worker *w, PGconn *db, int row)
{
	char id[16];
	const char *values[] = {id};
	PGresult *r;

	snprintf(id, sizeof(id), "%d", row);
	r = PQexecPrepared(db, "work", 1, values, NULL, NULL, 0);
	must(strcmp(PQcmdTuples(r), "1") == 0, w->work->name);
	PQclear(r);
}

/* How often a thread can do it. */
static int most_of(const struct work *work)
{
	return work->rows_per_thread && !work->again ? work->rows_per_thread : TIMES_MAX;
}

static void open_worker(struct worker *w)
{
	PGresult *r;

	w->db = PQconnectdb(w->conninfo);
	must(PQstatus(w->db) == CONNECTION_OK, "connection");
	r = PQprepare(w->db, "work", w->work->sql, 1, NULL);
	must(PQresultStatus(r) == PGRES_COMMAND_OK, "prepare");
	PQclear(r);
}

static void do_work(struct worker *w)
{
	const int span = w->work->again ? w->work->rows_per_thread : most_of(w->work);

	run(w, w->db, w->number * span + w->n % span);
	for (int i = 0; i < w->work->signs; i++)
		sign(w);
	for (int i = 0; i < w->work->verifies; i++)
		verify(w);
	w->n++;
}

static void *loop(void *arg)
{
	struct worker *w = arg;

	open_worker(w);
	while (w->n < most_of(w->work)) {
		const int64_t start = now_us();

		if (start >= w->until_us)
			break;
		do_work(w);
		w->took_us[w->n - 1] = (int32_t)(now_us() - start);
	}
	PQfinish(w->db);
	return NULL;
}

static int by_value(const void *a, const void *b)
{
	int32_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

static void make_rows(const char *conninfo, int rows)
{
	PGconn *db = PQconnectdb(conninfo);
	char fill[100];
	const char *const steps[] = {"DROP TABLE IF EXISTS bench_code, bench_event",
		"CREATE TABLE bench_code (id int PRIMARY KEY, spent_at timestamptz)",
		"CREATE TABLE bench_event (id int, at timestamptz DEFAULT now())", fill,
		"VACUUM ANALYZE bench_code"};

	must(PQstatus(db) == CONNECTION_OK, "connection");
	snprintf(fill, sizeof(fill), "INSERT INTO bench_code SELECT generate_series(0, %d)",
		rows - 1);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		PGresult *r = PQexec(db, steps[i]);

		must(PQresultStatus(r) == PGRES_COMMAND_OK, steps[i]);
		PQclear(r);
	}
	PQfinish(db);
}

static void print_figures(const struct worker *workers, int threads, int64_t took_us)
{
	int n = 0, at = 0;
	int32_t *all;

	for (int i = 0; i < threads; i++)
		n += workers[i].n;
	all = calloc((size_t)n + 1, sizeof(int32_t));
	must(all && n > 0, "a single round");
	for (int i = 0; i < threads; i++) {
		memcpy(all + at, workers[i].took_us, (size_t)workers[i].n * sizeof(int32_t));
		at += workers[i].n;
	}
	qsort(all, (size_t)n, sizeof(int32_t), by_value);
	printf("%.0f %d %d\n", n / ((double)took_us / 1e6), all[n / 2], all[n * 99 / 100]);
	free(all);
}

static struct worker workers[THREADS_MAX];
static const char answered[] = "{\"sub\":\"00000000-0000-0000-0000-000000000000\"}";

static void make_worker(int number, const struct work *work, const char *conninfo)
{
	struct worker *w = &workers[number];

	*w = (struct worker){.work = work,
		.conninfo = conninfo,
		.key = EVP_EC_gen("P-256"),
		.number = number,
		.took_us = calloc(TIMES_MAX, sizeof(int32_t))};
	must(w->key && w->took_us, "set-up");
	sign(w);
}

/* Its connection's thread calls it; the first time it takes one of the workers, and keeps it. */
static enum MHD_Result answer(void *arg, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *body, size_t *body_len, void **state)
{
	static atomic_int taken;
	static _Thread_local struct worker *mine;
	struct MHD_Response *response = arg;

	(void)url, (void)method, (void)version, (void)body, (void)body_len;
	/* An answer to the first call would end the connection. */
	if (*state == NULL) {
		*state = response;
		return MHD_YES;
	}
	if (!mine) {
		const int number = atomic_fetch_add(&taken, 1);

		must(number < THREADS_MAX && workers[number].key, "a worker for a connection");
		mine = &workers[number];
		open_worker(mine);
	}
	must(mine->n < most_of(mine->work), "enough rows");
	do_work(mine);
	return MHD_queue_response(connection, MHD_HTTP_OK, response);
}

static void serve(int threads, uint16_t port)
{
	union {
		const char *text;
		void *pointer;
	} text_of = {answered};
	struct MHD_Response *response = MHD_create_response_from_buffer(
		sizeof answered - 1, text_of.pointer, MHD_RESPMEM_PERSISTENT);
	struct MHD_Daemon *daemon = MHD_start_daemon(
		MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL,
		port, NULL, NULL, answer, response, MHD_OPTION_CONNECTION_LIMIT, (unsigned)threads,
		MHD_OPTION_END);
	char byte;

	must(daemon && response, "listening");
	printf("ready\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0) {
	}
	MHD_stop_daemon(daemon);
	MHD_destroy_response(response);
}

static void loop_all(int threads, int seconds)
{
	const int64_t start = now_us();

	for (int i = 0; i < threads; i++) {
		workers[i].until_us = start + seconds * INT64_C(1000000);
		must(pthread_create(&workers[i].thread, NULL, loop, &workers[i]) == 0, "thread");
	}
	for (int i = 0; i < threads; i++)
		pthread_join(workers[i].thread, NULL);
	print_figures(workers, threads, now_us() - start);
}

int main(int argc, char **argv)
{
	const bool http = argc == 6 && strcmp(argv[1], "http") == 0;
	char **given = argv + (http ? 2 : 1);
	const struct work *work = NULL;
	int threads;

	if ((!http && argc != 5) || (threads = atoi(given[2])) < 1 || threads > THREADS_MAX)
		return 2;
	for (size_t i = 0; i < WORKS; i++)
		if (strcmp(works[i].name, given[0]) == 0)
			work = &works[i];
	if (!work)
		return 2;
	make_rows(given[1], threads * work->rows_per_thread);
	for (int i = 0; i < threads; i++)
		make_worker(i, work, given[1]);
	if (http)
		serve(threads, (uint16_t)atoi(given[3]));
	else
		loop_all(threads, atoi(given[3]));
	return 0;
}
