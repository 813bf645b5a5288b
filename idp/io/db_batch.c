/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/db_batch.h"
#include "idp/base/str.h"
#include "idp/io/db_column.h"
#include "idp/io/db_impl.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOCKED "55P03" /* lock_not_available */

static const char *const all[] = {NULL};

const struct meter_kind db_batch_meter_kind = {
	.counter = "pratu_database_batches_total",
	.counter_help = "Statements that were sent for one or several jobs.",
	.label = "query",
	.outcomes = all,
	.n_outcomes = 1,
};
const struct meter_kind db_batch_jobs_meter_kind = {
	.counter = "pratu_database_batch_jobs_total",
	.counter_help = "Jobs in the statements of pratu_database_batches_total.",
	.label = "query",
	.outcomes = all,
	.n_outcomes = 1,
};

struct db_batch {
	struct combine *combine;
	struct meter *batches, *jobs;
	int n;
	struct db *dbs[]; /* one for each leader */
};

/* Of one caller. */
struct job {
	struct combine_job combine; /* first */
	const struct db_binding *binding;
	struct arena *arena;
	const void *in;
	void *row; /* in the arena; NULL: none */
	struct result result;
	bool again; /* nothing was changed: to be sent alone */
};

static struct job *job_of(struct combine_job *job)
{
	return (struct job *)(void *)job;
}

/* By the first parameter, a text or bytes. */
static int by_key(const void *a, const void *b)
{
	const struct job *one = *(const struct job *const *)a,
			 *other = *(const struct job *const *)b;
	const struct db_field *field = &one->binding->params[0];
	const void *left = (const char *)one->in + field->at;
	const void *right = (const char *)other->in + field->at;
	if (field->type == DB_TEXT)
		return strcmp(*(const char *const *)left, *(const char *const *)right);
	const struct bytes *x = left, *y = right;
	const size_t len = x->len < y->len ? x->len : y->len;
	const int order = memcmp(x->data, y->data, len);
	return order ? order : (x->len > y->len) - (x->len < y->len);
}

static void bind(struct db_args *args, struct job *const *jobs, size_t n)
{
	const struct db_binding *binding = jobs[0]->binding;
	const void *in[COMBINE_MOST];
	for (size_t i = 0; i < n; i++)
		in[i] = jobs[i]->in;
	for (int i = 0; i < binding->query.n_params - binding->n_extremes; i++)
		db_column(args, &binding->params[i], in, n);
	for (int i = 0; i < binding->n_extremes; i++)
		db_column_extreme(args, &binding->extremes[i], in, n);
}

/* The job that a row is for; NULL: for none, or it has one already. */
static struct job *job_of_row(const PGresult *result, int row, struct job *const *jobs, size_t n)
{
	char *end = NULL;
	errno = 0;
	const long long number = strtoll(PQgetvalue(result, row, 0), &end, 10);
	if (errno != 0 || *end != '\0' || number < 1 || (unsigned long long)number > n)
		return NULL;
	struct job *job = jobs[number - 1];
	return job->row ? NULL : job;
}

/* A row that does not read fails its own job alone; one that is nobody's, all of them. */
static struct result spread(const PGresult *result, bool strict, struct job *const *jobs, size_t n)
{
	const struct db_binding *binding = jobs[0]->binding;
	TRY(db_bind_names(binding, result, strict));
	for (int row = 0; row < PQntuples(result); row++) {
		struct job *job = job_of_row(result, row, jobs, n);
		if (!job)
			return db_bind_wrong(binding, "job", "a row that is no job's");
		job->row = arena_alloc(job->arena, binding->row_size);
		job->result = db_bind_row(job->arena, binding, result, row, job->row);
	}
	return OK;
}

/* One statement for all of them. ERR_DB: no job has anything. */
static struct result send(struct db *db, struct job *const *jobs, size_t n)
{
	AUTO_RESULT PGresult *result = NULL;
	struct arena *arena = arena_new();
	struct db_args args = db_args(arena);
	bind(&args, jobs, n);
	const struct result sent = db_result(db, &jobs[0]->binding->query, &args, &result);
	arena_free(arena);
	TRY(sent);
	return spread(result, db->strict, jobs, n);
}

/* In order of arrival in, by key from here on. */
static void work(void *arg, int leader, struct combine_job *const *submitted, size_t n)
{
	const struct db_batch *batch = arg;
	struct db *db = batch->dbs[leader];
	struct job *jobs[COMBINE_MOST];
	for (size_t i = 0; i < n; i++)
		jobs[i] = job_of(submitted[i]);
	qsort(jobs, n, sizeof jobs[0], by_key);
	meter_add_many(batch->batches, jobs[0]->binding->query.name, 0, 1);
	meter_add_many(batch->jobs, jobs[0]->binding->query.name, 0, (int64_t)n);
	const struct result sent = send(db, jobs, n);
	if (sent.err == ERR_NONE)
		return;
	const bool again = db->unchanged && (n > 1 || str_eq(db->sqlstate, LOCKED));
	for (size_t i = 0; i < n; i++) {
		jobs[i]->result = sent;
		jobs[i]->again = again;
	}
}

struct result db_batch_run(struct db *db, struct arena *arena, const struct db_binding *binding,
	const void *in, void *out)
{
	struct job job = {.combine = {.kind = binding, .most = binding->batch_max},
		.binding = binding,
		.arena = arena,
		.in = in,
		.result = OK};
	struct job *const alone = &job;
	TRY(db_bind_check(binding, in));
	const bool together = db->batch && db->transaction == DB_OUTSIDE;
	if (together)
		combine_run(db->batch->combine, &job.combine);
	if (!together || job.again) {
		job.result = OK;
		TRY(send(db, &alone, 1));
	}
	TRY(job.result);
	*(const void **)out = job.row;
	return OK;
}

struct db_batch *db_batch_new(const struct db_batch_setup *setup)
{
	const size_t n = (size_t)setup->connections;
	struct db_batch *batch = calloc(1, sizeof *batch + n * sizeof batch->dbs[0]);
	if (!batch)
		abort();
	batch->n = setup->connections;
	batch->batches = setup->batches;
	batch->jobs = setup->jobs;
	for (int i = 0; i < batch->n; i++) {
		batch->dbs[i] = db_new(setup->conninfo, setup->application);
		batch->dbs[i]->admitted = setup->admitted;
		batch->dbs[i]->lock_ms = setup->lock_ms;
		batch->dbs[i]->meter = setup->meter;
	}
	const struct combine_setup combine = {batch->n, batch, work};
	batch->combine = combine_new(&combine);
	return batch;
}

void db_batch_free(struct db_batch *batch)
{
	if (!batch)
		return;
	for (int i = 0; i < batch->n; i++)
		db_free(batch->dbs[i]);
	combine_free(batch->combine);
	free(batch);
}

void db_batch_join(struct db *db, struct db_batch *batch)
{
	db->batch = batch;
}

struct combine_figures db_batch_figures(struct db_batch *batch)
{
	return combine_figures(batch->combine);
}
