/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/hasher.h"
#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NICE 10

struct job {
	struct job *next;
	int64_t (*work)(void *arg);
	void *arg;
	bool done;
	pthread_cond_t ended;
};

struct hasher {
	pthread_mutex_t mutex;
	pthread_cond_t queued;
	struct job *first, **last;
	bool stopping;
	size_t n_threads, capacity, within;
	int64_t done;
	pthread_t threads[];
};

/* The next job, or NULL at the end. With the mutex held. */
static struct job *next_job(struct hasher *hasher)
{
	while (!hasher->first && !hasher->stopping)
		pthread_cond_wait(&hasher->queued, &hasher->mutex);
	struct job *job = hasher->first;
	if (!job)
		return NULL;
	hasher->first = job->next;
	if (!hasher->first)
		hasher->last = &hasher->first;
	return job;
}

static void *serve(void *arg)
{
	struct hasher *hasher = arg;
	/* On Linux a priority belongs to the thread. Not getting it costs speed elsewhere only. */
	(void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE);
	(void)prctl(PR_SET_NAME, "hash", 0, 0, 0); /* tells its CPU time from the rest */
	pthread_mutex_lock(&hasher->mutex);
	for (struct job *job = next_job(hasher); job; job = next_job(hasher)) {
		pthread_mutex_unlock(&hasher->mutex);
		const int64_t hashes = job->work(job->arg);
		pthread_mutex_lock(&hasher->mutex);
		hasher->done += hashes;
		job->done = true;
		pthread_cond_signal(&job->ended);
	}
	pthread_mutex_unlock(&hasher->mutex);
	return NULL;
}

struct hasher *hasher_new(size_t threads, size_t capacity)
{
	struct hasher *hasher = calloc(1, sizeof *hasher + threads * sizeof(pthread_t));
	if (!hasher)
		abort();
	pthread_mutex_init(&hasher->mutex, NULL);
	pthread_cond_init(&hasher->queued, NULL);
	hasher->last = &hasher->first;
	hasher->capacity = capacity;
	while (hasher->n_threads < threads &&
		pthread_create(&hasher->threads[hasher->n_threads], NULL, serve, hasher) == 0)
		hasher->n_threads++;
	if (hasher->n_threads > 0)
		return hasher;
	hasher_free(hasher);
	return NULL;
}

void hasher_free(struct hasher *hasher)
{
	if (!hasher)
		return;
	pthread_mutex_lock(&hasher->mutex);
	hasher->stopping = true;
	pthread_cond_broadcast(&hasher->queued);
	pthread_mutex_unlock(&hasher->mutex);
	for (size_t i = 0; i < hasher->n_threads; i++)
		pthread_join(hasher->threads[i], NULL);
	pthread_cond_destroy(&hasher->queued);
	pthread_mutex_destroy(&hasher->mutex);
	free(hasher);
}

bool hasher_enter(struct hasher *hasher)
{
	pthread_mutex_lock(&hasher->mutex);
	const bool entered = hasher->within < hasher->capacity;
	if (entered)
		hasher->within++;
	pthread_mutex_unlock(&hasher->mutex);
	return entered;
}

void hasher_leave(struct hasher *hasher)
{
	pthread_mutex_lock(&hasher->mutex);
	hasher->within--;
	pthread_mutex_unlock(&hasher->mutex);
}

/* With the mutex held. */
static void enqueue(struct hasher *hasher, struct job *job)
{
	*hasher->last = job;
	hasher->last = &job->next;
	pthread_cond_signal(&hasher->queued);
}

void hasher_run(struct hasher *hasher, int64_t (*work)(void *arg), void *arg)
{
	struct job job = {.work = work, .arg = arg, .ended = PTHREAD_COND_INITIALIZER};
	pthread_mutex_lock(&hasher->mutex);
	enqueue(hasher, &job);
	while (!job.done)
		pthread_cond_wait(&job.ended, &hasher->mutex);
	pthread_mutex_unlock(&hasher->mutex);
	pthread_cond_destroy(&job.ended);
}

struct hasher_figures hasher_figures(struct hasher *hasher)
{
	pthread_mutex_lock(&hasher->mutex);
	const struct hasher_figures figures = {hasher->done, (int64_t)hasher->within};
	pthread_mutex_unlock(&hasher->mutex);
	return figures;
}
