/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/sign_batch.h"
#include <stdlib.h>
#include <string.h>

#define FRAME_JOBS 16
/* Bytes of claims of a job that goes with others: so many jobs' tokens fit in a frame. */
#define CLAIMS_MAX 8192

struct sign_batch {
	struct combine *combine;
};

/* Of one caller. */
struct job {
	struct combine_job combine; /* first; its kind is a struct operation */
	struct context *ctx;
	const void *in; /* the operation's item */
	void *out; /* the operation's item; its texts in the arena of who asked */
	struct result result;
	bool again; /* nothing was sent: to be asked alone */
};

struct operation {
	/* One frame, over the connection of the first. */
	struct result (*ask)(struct job *const *jobs, size_t n);
};

static struct job *job_of(struct combine_job *job)
{
	return (struct job *)(void *)job;
}

static void hand_out(struct job *job, const struct vault_sign_results_item *made)
{
	struct arena *arena = job->ctx->arena;
	struct vault_sign_results_item *out = job->out;
	*out = *made;
	out->access_token = arena_strdup(arena, made->access_token);
	out->id_token = arena_strdup(arena, made->id_token);
	job->result = OK;
}

static struct result ask_sign(struct job *const *jobs, size_t n)
{
	struct context *ctx = jobs[0]->ctx;
	struct vault_sign_jobs_item items[FRAME_JOBS];
	const struct vault_sign_in in = {.jobs = {items, n}};
	struct vault_sign_out reply;
	for (size_t i = 0; i < n; i++)
		items[i] = *(const struct vault_sign_jobs_item *)jobs[i]->in;
	TRY(vault_call_sign(ctx->vault, ctx->arena, &in, &reply));
	if (reply.outcome != VAULT_OK || reply.results.n != n)
		FAIL(ERR_VAULT);
	for (size_t i = 0; i < n; i++)
		hand_out(jobs[i], &reply.results.items[i]);
	return OK;
}

static void hand_out_bound(struct job *job, const struct vault_bind_results_item *made)
{
	struct arena *arena = job->ctx->arena;
	struct vault_bind_results_item *out = job->out;
	*out = *made;
	out->grant_ticket = arena_strdup(arena, made->grant_ticket);
	out->sub = arena_strdup(arena, made->sub);
	job->result = OK;
}

static struct result ask_bind(struct job *const *jobs, size_t n)
{
	struct context *ctx = jobs[0]->ctx;
	struct vault_bind_jobs_item items[FRAME_JOBS];
	const struct vault_bind_in in = {.jobs = {items, n}};
	struct vault_bind_out reply;
	for (size_t i = 0; i < n; i++)
		items[i] = *(const struct vault_bind_jobs_item *)jobs[i]->in;
	TRY(vault_call_bind(ctx->vault, ctx->arena, &in, &reply));
	if (reply.outcome != VAULT_OK || reply.results.n != n)
		FAIL(ERR_VAULT);
	for (size_t i = 0; i < n; i++)
		hand_out_bound(jobs[i], &reply.results.items[i]);
	return OK;
}

static const struct operation signing = {ask_sign}, binding = {ask_bind};

static struct result ask(struct job *const *jobs, size_t n)
{
	const struct operation *operation = jobs[0]->combine.kind;
	return operation->ask(jobs, n);
}

static void work(void *arg, int leader, struct combine_job *const *submitted, size_t n)
{
	struct job *jobs[FRAME_JOBS] = {NULL};
	(void)arg;
	(void)leader;
	for (size_t i = 0; i < n; i++)
		jobs[i] = job_of(submitted[i]);
	const struct result asked = ask(jobs, n);
	if (asked.err == ERR_NONE)
		return;
	for (size_t i = 0; i < n; i++) {
		jobs[i]->result = asked;
		jobs[i]->again = n > 1 && asked.err != ERR_VAULT;
	}
}

static struct result run(struct sign_batch *batch, struct job *job)
{
	job->result = OK;
	job->combine.most = FRAME_JOBS;
	if (batch)
		combine_run(batch->combine, &job->combine);
	if (!batch || job->again)
		job->result = ask(&job, 1);
	if (job->result.err != ERR_NONE)
		FAIL(ERR_VAULT);
	return OK;
}

static bool goes_with_others(const struct vault_sign_jobs_item *in)
{
	const size_t id_token = in->id_token ? strlen(in->id_token) : 0;
	const size_t access_token = in->access_token ? strlen(in->access_token) : 0;
	return id_token + access_token <= CLAIMS_MAX;
}

struct result sign_batch_run(struct sign_batch *batch, struct context *ctx,
	const struct vault_sign_jobs_item *in, struct vault_sign_results_item *out)
{
	struct job job = {.combine = {.kind = &signing}, .ctx = ctx, .in = in, .out = out};
	const bool together = batch && goes_with_others(in);
	return run(together ? batch : NULL, &job);
}

struct result sign_batch_bind(struct sign_batch *batch, struct context *ctx,
	const struct vault_bind_jobs_item *in, struct vault_bind_results_item *out)
{
	struct job job = {.combine = {.kind = &binding}, .ctx = ctx, .in = in, .out = out};
	return run(batch, &job);
}

struct sign_batch *sign_batch_new(int frames)
{
	const struct combine_setup setup = {frames, NULL, work};
	struct sign_batch *batch = calloc(1, sizeof *batch);
	if (!batch)
		abort();
	batch->combine = combine_new(&setup);
	return batch;
}

void sign_batch_free(struct sign_batch *batch)
{
	if (!batch)
		return;
	combine_free(batch->combine);
	free(batch);
}

struct combine_figures sign_batch_figures(struct sign_batch *batch)
{
	return combine_figures(batch->combine);
}
