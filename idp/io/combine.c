/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/combine.h"
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

struct combine {
	struct combine_setup setup;
	pthread_mutex_t mutex;
	struct combine_job *first, **last; /* waiting, in order of arrival */
	struct combine_figures figures;
	int turns; /* that are left */
	int n_free;
	struct leader {
		int free; /* a stack: numbers of leaders that are not at work */
		bool passed;
	} leaders[];
};

struct combine *combine_new(const struct combine_setup *setup)
{
	const size_t n = (size_t)setup->leaders;
	struct combine *combine = calloc(1, sizeof *combine + n * sizeof combine->leaders[0]);
	if (!combine)
		abort();
	combine->setup = *setup;
	combine->last = &combine->first;
	combine->turns = setup->turns;
	pthread_mutex_init(&combine->mutex, NULL);
	/* The first number is taken first, so that one at a time is always the same. */
	for (int i = setup->leaders - 1; i >= 0; i--)
		combine->leaders[combine->n_free++].free = i;
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

/* A leader's number, or -1 where nobody may begin now. */
static int begin(struct combine *combine)
{
	if (combine->n_free == 0 || combine->turns == 0)
		return -1;
	combine->turns--;
	const int leader = combine->leaders[--combine->n_free].free;
	combine->leaders[leader].passed = false;
	return leader;
}

/* Who waits longest leads, so that jobs are done in order of arrival; NULL: nobody waits, or nobody
 * may begin. */
static struct combine_job *next_leader(struct combine *combine)
{
	struct combine_job *next = combine->first;
	const int leader = next ? begin(combine) : -1;
	if (leader < 0)
		return NULL;
	combine->first = next->next;
	if (!combine->first)
		combine->last = &combine->first;
	combine->figures.waiting--;
	next->leader = leader;
	return next;
}

static void pass(struct combine *combine, int leader)
{
	combine->turns += !combine->leaders[leader].passed;
	combine->leaders[leader].passed = true;
}

static struct combine_job *end(struct combine *combine, int leader)
{
	pass(combine, leader);
	combine->leaders[combine->n_free++].free = leader;
	return next_leader(combine);
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
	struct combine_job *next = end(combine, job->leader);
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

void combine_pass(struct combine *combine, int leader)
{
	pthread_mutex_lock(&combine->mutex);
	pass(combine, leader);
	struct combine_job *next = next_leader(combine);
	pthread_mutex_unlock(&combine->mutex);
	if (next)
		wake(next);
}

void combine_run(struct combine *combine, struct combine_job *job)
{
	pthread_mutex_lock(&combine->mutex);
	job->leader = begin(combine);
	if (job->leader >= 0) {
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
