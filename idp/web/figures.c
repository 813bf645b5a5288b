/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/figures.h"
#include "idp/base/metrics.h"
#include "idp/web/health.h"
#include "idp/web/keys.h"
#include "idp/web/sign_batch.h"
#include "queries_web.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define TABLES_MAX 32
#define NAME_MAX_LEN 64

struct table {
	char name[NAME_MAX_LEN]; /* "record.event" */
	int64_t partitions, ends_at_s;
};

struct figures {
	pthread_mutex_t mutex;
	size_t n;
	struct table tables[TABLES_MAX];
};

struct figures *figures_new(void)
{
	struct figures *figures = calloc(1, sizeof *figures);
	if (!figures)
		abort();
	pthread_mutex_init(&figures->mutex, NULL);
	return figures;
}

void figures_free(struct figures *figures)
{
	if (!figures)
		return;
	pthread_mutex_destroy(&figures->mutex);
	free(figures);
}

struct result figures_refresh(struct context *ctx)
{
	struct figures *figures = web_of(ctx)->figures;
	struct q_web_partition_figures_rows rows;
	TRY(q_web_partition_figures(ctx->db, ctx->arena, &rows));
	pthread_mutex_lock(&figures->mutex);
	figures->n = rows.n < TABLES_MAX ? rows.n : TABLES_MAX;
	for (size_t i = 0; i < figures->n; i++) {
		const struct q_web_partition_figures_row *row = &rows.items[i];
		struct table *table = &figures->tables[i];
		(void)snprintf(table->name, sizeof table->name, "%s", row->name);
		table->partitions = row->partitions;
		table->ends_at_s = row->ends_at_s;
	}
	pthread_mutex_unlock(&figures->mutex);
	return OK;
}

static void put_partitions(struct figures *figures, struct buf *out)
{
	static const char count[] = "pratu_partitions";
	static const char end[] = "pratu_partition_end_timestamp_seconds";
	pthread_mutex_lock(&figures->mutex);
	metrics_family(out, count, METRICS_GAUGE, "Partitions of a table.");
	for (size_t i = 0; i < figures->n; i++)
		metrics_int(out,
			&(struct metrics_sample){count, {{"table", figures->tables[i].name}}},
			figures->tables[i].partitions);
	metrics_family(out, end, METRICS_GAUGE,
		"Until when a table has partitions made ahead, in unix seconds.");
	for (size_t i = 0; i < figures->n; i++)
		metrics_int(out,
			&(struct metrics_sample){end, {{"table", figures->tables[i].name}}},
			figures->tables[i].ends_at_s);
	pthread_mutex_unlock(&figures->mutex);
}

static void put_health(const struct health *health, struct buf *out)
{
	static const char name[] = "pratu_up";
	static const char *const parts[HEALTH_PARTS] = {
		[HEALTH_VAULT] = "vault", [HEALTH_DATABASE] = "database"};
	const int64_t now_us = clock_monotonic_us();
	metrics_family(out, name, METRICS_GAUGE,
		"Whether the part has answered within 2 seconds, as /health/ready tells.");
	for (int part = 0; part < HEALTH_PARTS; part++)
		metrics_int(out, &(struct metrics_sample){name, {{"part", parts[part]}}},
			health_is_well(health, (enum health_part)part, now_us));
}

static void put_signing(struct sign_batch *batch, struct buf *out)
{
	const struct combine_figures figures = sign_batch_figures(batch);
	metrics_one(out, METRICS_COUNTER, "pratu_sign_batches_total",
		"Requests to the vault that signed one or several answers.",
		(int64_t)figures.rounds);
	metrics_one(out, METRICS_COUNTER, "pratu_sign_batch_jobs_total",
		"Answers in the requests of pratu_sign_batches_total.", (int64_t)figures.jobs);
}

void figures_write(const struct web *web, struct buf *out)
{
	put_health(web->health, out);
	metrics_one(out, METRICS_GAUGE, "pratu_keys_known",
		"Whether /jwks has keys to answer with.", web_keys_known(web->keys));
	metrics_refusals(out, web->tally);
	if (web->sign)
		put_signing(web->sign, out);
	if (web->figures)
		put_partitions(web->figures, out);
}
