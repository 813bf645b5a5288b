/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The limits for what works with the database: threads that each loop over one statement and the
 * signatures that it takes, with nothing around them. usage: bare_database WORK CONNINFO THREADS
 * SECONDS, WORK one of redeem   a committed conditional UPDATE of one row, and two ES256 signatures
 *   issue    a committed INSERT of one row
 *   look     a SELECT of one row by its key, and the verification of one ES256 signature
 * Prints "<rate per second> <p50 us> <p99 us>".
 */
#include <libpq-fe.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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
};
#define WORKS (sizeof works / sizeof *works)

struct worker {
	pthread_t thread;
	const struct work *work;
	const char *conninfo;
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

static void *loop(void *arg)
{
	struct worker *w = arg;
	PGconn *db = PQconnectdb(w->conninfo);
	const int most =
		w->work->rows_per_thread && !w->work->again ? w->work->rows_per_thread : TIMES_MAX;
	const int span = w->work->again ? w->work->rows_per_thread : most;
	PGresult *r;

	must(PQstatus(db) == CONNECTION_OK, "connection");
	r = PQprepare(db, "work", w->work->sql, 1, NULL);
	must(PQresultStatus(r) == PGRES_COMMAND_OK, "prepare");
	PQclear(r);
	while (w->n < most) {
		const int64_t start = now_us();

		if (start >= w->until_us)
			break;
		run(w, db, w->number * span + w->n % span);
		for (int i = 0; i < w->work->signs; i++)
			sign(w);
		for (int i = 0; i < w->work->verifies; i++)
			verify(w);
		w->took_us[w->n++] = (int32_t)(now_us() - start);
	}
	PQfinish(db);
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
	const char *const steps[] = {"DROP TABLE IF EXISTS bench_code",
		"CREATE TABLE bench_code (id int PRIMARY KEY, spent_at timestamptz)", fill,
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

int main(int argc, char **argv)
{
	static struct worker workers[THREADS_MAX];
	const struct work *work = NULL;
	int64_t start;
	int threads;

	if (argc != 5 || (threads = atoi(argv[3])) < 1 || threads > THREADS_MAX)
		return 2;
	for (size_t i = 0; i < WORKS; i++)
		if (strcmp(works[i].name, argv[1]) == 0)
			work = &works[i];
	if (!work)
		return 2;
	make_rows(argv[2], threads * work->rows_per_thread);
	start = now_us();
	for (int i = 0; i < threads; i++) {
		struct worker *w = &workers[i];

		*w = (struct worker){.work = work,
			.conninfo = argv[2],
			.key = EVP_EC_gen("P-256"),
			.number = i,
			.until_us = start + atoi(argv[4]) * INT64_C(1000000),
			.took_us = calloc(TIMES_MAX, sizeof(int32_t))};
		must(w->key && w->took_us, "set-up");
		sign(w);
		must(pthread_create(&w->thread, NULL, loop, w) == 0, "thread");
	}
	for (int i = 0; i < threads; i++)
		pthread_join(workers[i].thread, NULL);
	print_figures(workers, threads, now_us() - start);
	return 0;
}
