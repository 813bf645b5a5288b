/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/lane.h"
#include <pthread.h>
#include <stdlib.h>

struct worker {
	struct lane *lane;
	pthread_t thread;
	int number;
	pthread_cond_t called;
	bool idle; /* in the lane's stack */
	struct worker *next_idle;
};

struct lane {
	struct lane_setup setup;
	pthread_mutex_t mutex;
	struct lane_job *first, **last; /* waiting */
	/* Who rested last is called first: its database connection has its plans, its stack and
	 * arenas are in the cache. */
	struct worker *idle;
	int64_t reserved; /* places taken: those waiting and those about to be pushed */
	struct lane_figures figures;
	bool ended;
	int64_t n_started;
	struct worker *workers;
};

static void rest(struct lane *lane, struct worker *worker)
{
	worker->idle = true;
	worker->next_idle = lane->idle;
	lane->idle = worker;
	while (worker->idle)
		pthread_cond_wait(&worker->called, &lane->mutex);
}

static void call_idle(struct lane *lane)
{
	struct worker *worker = lane->idle;
	if (!worker)
		return;
	lane->idle = worker->next_idle;
	worker->idle = false;
	pthread_cond_signal(&worker->called);
}

/* NULL at the end. Called with the mutex held. */
static struct lane_job *next_job(struct lane *lane, struct worker *worker)
{
	while (!lane->first && !lane->ended)
		rest(lane, worker);
	struct lane_job *job = lane->first;
	if (!job)
		return NULL;
	lane->first = job->next;
	if (!lane->first)
		lane->last = &lane->first;
	lane->reserved--;
	return job;
}

static void *worker_main(void *arg)
{
	struct worker *worker = arg;
	struct lane *lane = worker->lane;
	pthread_mutex_lock(&lane->mutex);
	struct lane_job *job;
	while ((job = next_job(lane, worker)) != NULL) {
		lane->figures.running++;
		pthread_mutex_unlock(&lane->mutex);
		lane->setup.work(lane->setup.arg, worker->number, job);
		pthread_mutex_lock(&lane->mutex);
		lane->figures.running--;
		lane->figures.done++;
	}
	pthread_mutex_unlock(&lane->mutex);
	return NULL;
}

static struct result start_worker(struct lane *lane, int number)
{
	struct worker *worker = &lane->workers[number];
	*worker = (struct worker){.lane = lane, .number = number};
	pthread_cond_init(&worker->called, NULL);
	if (pthread_create(&worker->thread, NULL, worker_main, worker) != 0)
		FAIL(ERR_IO);
	lane->n_started++;
	return OK;
}

static struct result start_workers(struct lane *lane)
{
	for (int i = 0; i < lane->setup.workers; i++)
		TRY(start_worker(lane, i));
	return OK;
}

struct result lane_new(const struct lane_setup *setup, struct lane **out)
{
	struct lane *lane = calloc(1, sizeof *lane);
	struct worker *workers = calloc((size_t)setup->workers, sizeof *workers);
	if (!lane || !workers)
		abort();
	lane->setup = *setup;
	lane->workers = workers;
	lane->last = &lane->first;
	pthread_mutex_init(&lane->mutex, NULL);
	const struct result started = start_workers(lane);
	if (started.err != ERR_NONE) {
		lane_stop(lane);
		lane_free(lane);
		return started;
	}
	*out = lane;
	return OK;
}

bool lane_reserve(struct lane *lane)
{
	pthread_mutex_lock(&lane->mutex);
	const bool fits = !lane->ended && lane->reserved < lane->setup.capacity;
	if (fits)
		lane->reserved++;
	else
		lane->figures.refused++;
	pthread_mutex_unlock(&lane->mutex);
	return fits;
}

void lane_push(struct lane *lane, struct lane_job *job)
{
	job->next = NULL;
	pthread_mutex_lock(&lane->mutex);
	const bool ended = lane->ended;
	if (!ended) {
		*lane->last = job;
		lane->last = &job->next;
		call_idle(lane);
	}
	pthread_mutex_unlock(&lane->mutex);
	if (ended)
		lane->setup.drop(lane->setup.arg, job);
}

static struct lane_job *take_all(struct lane *lane)
{
	pthread_mutex_lock(&lane->mutex);
	struct lane_job *jobs = lane->first;
	lane->first = NULL;
	lane->last = &lane->first;
	lane->reserved = 0;
	lane->ended = true;
	while (lane->idle)
		call_idle(lane);
	pthread_mutex_unlock(&lane->mutex);
	return jobs;
}

void lane_stop(struct lane *lane)
{
	if (!lane)
		return;
	for (struct lane_job *job = take_all(lane), *next; job; job = next) {
		next = job->next;
		lane->setup.drop(lane->setup.arg, job);
	}
	for (int64_t i = 0; i < lane->n_started; i++) {
		pthread_join(lane->workers[i].thread, NULL);
		pthread_cond_destroy(&lane->workers[i].called);
	}
	lane->n_started = 0;
}

void lane_free(struct lane *lane)
{
	if (!lane)
		return;
	pthread_mutex_destroy(&lane->mutex);
	free(lane->workers);
	free(lane);
}

struct lane_figures lane_figures(struct lane *lane)
{
	pthread_mutex_lock(&lane->mutex);
	struct lane_figures figures = lane->figures;
	figures.waiting = lane->reserved;
	pthread_mutex_unlock(&lane->mutex);
	return figures;
}
