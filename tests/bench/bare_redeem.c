/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The limit for code redemption: threads that each loop over one committed conditional UPDATE of
 * one row and two ES256 signatures, with nothing around them. usage: bare_redeem CONNINFO THREADS
 * SECONDS; prints "<redemptions per second> <p50 us> <p99 us>".
 */
#include <libpq-fe.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROWS_PER_THREAD 20000
#define THREADS_MAX 128

struct worker {
	pthread_t thread;
	const char *conninfo;
	EVP_PKEY *key;
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

static void must(int good, const char *what)
{
	if (!good) {
		fprintf(stderr, "bare_redeem: %s failed\n", what);
		exit(1);
	}
}

static void sign(EVP_PKEY *key)
{
	static const unsigned char text[400] = {1};
	unsigned char signature[128];
	size_t len = sizeof(signature);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	must(ctx != NULL && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
			EVP_DigestSign(ctx, signature, &len, text, sizeof(text)) == 1,
		"signature");
	EVP_MD_CTX_free(ctx);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	PGconn *db = PQconnectdb(w->conninfo);
	PGresult *r;

	must(PQstatus(db) == CONNECTION_OK, "connection");
	r = PQprepare(db, "spend",
		"UPDATE bench_code SET spent_at = now() WHERE id = $1::int AND spent_at IS NULL", 1,
		NULL);
	must(PQresultStatus(r) == PGRES_COMMAND_OK, "prepare");
	PQclear(r);
	while (w->n < ROWS_PER_THREAD) {
		char id[16];
		const char *values[] = {id};
		int64_t start = now_us();

		if (start >= w->until_us)
			break;
		snprintf(id, sizeof(id), "%d", w->number * ROWS_PER_THREAD + w->n);
		r = PQexecPrepared(db, "spend", 1, values, NULL, NULL, 0);
		must(PQresultStatus(r) == PGRES_COMMAND_OK && strcmp(PQcmdTuples(r), "1") == 0,
			"update");
		PQclear(r);
		sign(w->key);
		sign(w->key);
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
	char sql[400];
	PGresult *r;

	must(PQstatus(db) == CONNECTION_OK, "connection");
	snprintf(sql, sizeof(sql),
		"DROP TABLE IF EXISTS bench_code;"
		"CREATE TABLE bench_code (id int PRIMARY KEY, spent_at timestamptz);"
		"INSERT INTO bench_code SELECT g FROM generate_series(0, %d) g; VACUUM ANALYZE "
		"bench_code",
		rows);
	/* VACUUM cannot run inside the implicit transaction of several statements: send it apart.
	 */
	*strstr(sql, "; VACUUM") = '\0';
	r = PQexec(db, sql);
	must(PQresultStatus(r) == PGRES_COMMAND_OK, "table");
	PQclear(r);
	r = PQexec(db, "VACUUM ANALYZE bench_code");
	PQclear(r);
	PQfinish(db);
}

int main(int argc, char **argv)
{
	static struct worker workers[THREADS_MAX];
	int threads, n = 0;
	int64_t start;
	int32_t *all;

	if (argc != 4 || (threads = atoi(argv[2])) < 1 || threads > THREADS_MAX)
		return 2;
	make_rows(argv[1], threads * ROWS_PER_THREAD);
	start = now_us();
	for (int i = 0; i < threads; i++) {
		workers[i] = (struct worker){.conninfo = argv[1],
			.key = EVP_EC_gen("P-256"),
			.number = i,
			.until_us = start + atoi(argv[3]) * INT64_C(1000000),
			.took_us = calloc(ROWS_PER_THREAD, sizeof(int32_t))};
		must(workers[i].key != NULL && workers[i].took_us != NULL, "set-up");
		must(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0, "thread");
	}
	for (int i = 0; i < threads; i++) {
		pthread_join(workers[i].thread, NULL);
		n += workers[i].n;
	}
	all = calloc((size_t)n + 1, sizeof(int32_t));
	must(all != NULL, "memory");
	for (int i = 0, at = 0; i < threads; i++) {
		memcpy(all + at, workers[i].took_us, (size_t)workers[i].n * sizeof(int32_t));
		at += workers[i].n;
	}
	qsort(all, (size_t)n, sizeof(int32_t), by_value);
	printf("%.0f %d %d\n", n / ((double)(now_us() - start) / 1e6), all[n / 2],
		all[n * 99 / 100]);
	return 0;
}
