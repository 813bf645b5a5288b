/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/combine.h"
#include <errno.h>
#include <stdlib.h>

struct combine {
	struct combine_setup setup;
	pthread_mutex_t mutex;
	struct combine_job *first, **last; /* waiting, in order of arrival */
	struct combine_figures figures;
	int n_free;
	int free[]; /* numbers of leaders that are not at work */
};

struct combine *combine_new(const struct combine_setup *setup)
{
	const size_t n = (size_t)setup->leaders;
	struct combine *combine = calloc(1, sizeof *combine + n * sizeof combine->free[0]);
	if (!combine)
		abort();
	combine->setup = *setup;
	combine->last = &combine->first;
	pthread_mutex_init(&combine->mutex, NULL);
	/* The first number is taken first, so that one at a time is always the same. */
	for (int i = setup->leaders - 1; i >= 0; i--)
		combine->free[combine->n_free++] = i;
	return combine;
}

void combine_free(struct combine *combine)
{
	if (!combine)
		return;
	pthread_mutex_destroy(&combine->mutex);
	free(combine);
}

static void append(struct combine *combine, struct combine_job *job)
{
	job->next = NULL;
	*combine->last = job;
	combine->last = &job->next;
	combine->figures.waiting++;
}

/* Out of the queue, from the front: those of the job's kind, behind itself, which is not in it. */
static size_t gather(struct combine *combine, struct combine_job *job, struct combine_job **jobs)
{
	size_t n = 1;
	jobs[0] = job;
	struct combine_job **at = &combine->first;
	while (*at) {
		struct combine_job *one = *at;
		if (one->kind != job->kind || n >= job->most) {
			at = &one->next;
			continue;
		}
		jobs[n++] = one;
		*at = one->next;
	}
	combine->last = at;
	combine->figures.waiting -= n - 1;
	combine->figures.rounds++;
	combine->figures.jobs += n;
	return n;
}

/* The leader's number goes to whoever waits longest, so that jobs are done in order of arrival;
 * where nobody waits, it is free, and NULL is returned. */
static struct combine_job *pass_on(struct combine *combine, int leader)
{
	struct combine_job *next = combine->first;
	if (!next) {
		combine->free[combine->n_free++] = leader;
		return NULL;
	}
	combine->first = next->next;
	if (!combine->first)
		combine->last = &combine->first;
	combine->figures.waiting--;
	next->leader = leader;
	return next;
}

/* Each thread that waits is woken once: to lead, or because its job is done. Woken without the
 * mutex, it does not wait for it in turn. */
static void wake(struct combine_job *job)
{
	if (sem_post(&job->turn) != 0)
		abort();
}

/* Called with the mutex held, and returns without; the job is not in the queue. */
static void lead(struct combine *combine, struct combine_job *job)
{
	struct combine_job *jobs[COMBINE_MOST];
	const size_t n = gather(combine, job, jobs);
	pthread_mutex_unlock(&combine->mutex);
	combine->setup.work(combine->setup.arg, job->leader, jobs, n);
	pthread_mutex_lock(&combine->mutex);
	struct combine_job *next = pass_on(combine, job->leader);
	pthread_mutex_unlock(&combine->mutex);
	if (next)
		wake(next);
	for (size_t i = 1; i < n; i++)
		wake(jobs[i]);
}

/* Called with the mutex held, and returns without. */
static void wait_turn(struct combine *combine, struct combine_job *job)
{
	if (sem_init(&job->turn, 0, 0) != 0)
		abort();
	append(combine, job);
	pthread_mutex_unlock(&combine->mutex);
	while (sem_wait(&job->turn) != 0)
		if (errno != EINTR)
			abort();
	sem_destroy(&job->turn);
}

void combine_run(struct combine *combine, struct combine_job *job)
{
	job->leader = -1;
	pthread_mutex_lock(&combine->mutex);
	if (combine->n_free > 0) {
		job->leader = combine->free[--combine->n_free];
		lead(combine, job);
		return;
	}
	wait_turn(combine, job);
	if (job->leader < 0)
		return; /* it is done */
	pthread_mutex_lock(&combine->mutex);
	lead(combine, job);
}

struct combine_figures combine_figures(struct combine *combine)
{
	pthread_mutex_lock(&combine->mutex);
	const struct combine_figures figures = combine->figures;
	pthread_mutex_unlock(&combine->mutex);
	return figures;
}
