/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/hasher.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NICE 10

struct job {
	struct job *next;
	const struct hasher_job *of;
	bool done;
	pthread_cond_t ended;
};

struct hasher {
	pthread_mutex_t mutex;
	pthread_cond_t queued;
	struct job *first, **last; /* queued */
	struct job *running;
	bool stopping;
	size_t n_threads, capacity, within;
	size_t behind, behind_most; /* of those within, not the only one of their name */
	uint64_t *names; /* of those within */
	int64_t done, refused;
	pthread_t threads[];
};

uint64_t hasher_name(const uint8_t *hash)
{
	uint64_t name;
	memcpy(&name, hash, sizeof name);
	return name;
}

static bool is_running(const struct hasher *hasher, uint64_t name)
{
	for (const struct job *job = hasher->running; job; job = job->next)
		if (job->of->name == name)
			return true;
	return false;
}

/* Where the first job is whose name nobody works at; NULL: there is none. */
static struct job **find_job(struct hasher *hasher)
{
	for (struct job **at = &hasher->first; *at; at = &(*at)->next)
		if (!is_running(hasher, (*at)->of->name))
			return at;
	return NULL;
}

/* Take the next job, or NULL at the end. With the mutex held. One that has to wait for another of
 * its name is found by the thread that ends the other. */
static struct job *next_job(struct hasher *hasher)
{
	struct job **at;
	while (!(at = find_job(hasher)) && !hasher->stopping)
		pthread_cond_wait(&hasher->queued, &hasher->mutex);
	if (!at)
		return NULL;
	struct job *job = *at;
	*at = job->next;
	if (hasher->last == &job->next)
		hasher->last = at;
	job->next = hasher->running;
	hasher->running = job;
	return job;
}

/* With the mutex held. */
static void end_job(struct hasher *hasher, struct job *job)
{
	struct job **at = &hasher->running;
	while (*at != job)
		at = &(*at)->next;
	*at = job->next;
	job->done = true;
	pthread_cond_signal(&job->ended);
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
		const int64_t hashes = job->of->work(job->of->arg);
		pthread_mutex_lock(&hasher->mutex);
		hasher->done += hashes;
		end_job(hasher, job);
	}
	pthread_mutex_unlock(&hasher->mutex);
	return NULL;
}

struct hasher *hasher_new(size_t threads, size_t capacity, size_t behind)
{
	struct hasher *hasher = calloc(1, sizeof *hasher + threads * sizeof(pthread_t));
	if (!hasher)
		abort();
	hasher->names = calloc(capacity, sizeof *hasher->names);
	if (!hasher->names)
		abort();
	pthread_mutex_init(&hasher->mutex, NULL);
	pthread_cond_init(&hasher->queued, NULL);
	hasher->last = &hasher->first;
	hasher->capacity = capacity;
	hasher->behind_most = behind;
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
	free(hasher->names);
	free(hasher);
}

/* With the mutex held. */
static bool is_within(const struct hasher *hasher, uint64_t name)
{
	for (size_t i = 0; i < hasher->within; i++)
		if (hasher->names[i] == name)
			return true;
	return false;
}

bool hasher_enter(struct hasher *hasher, uint64_t name)
{
	pthread_mutex_lock(&hasher->mutex);
	const bool behind = is_within(hasher, name);
	const bool entered = hasher->within < hasher->capacity &&
			     !(behind && hasher->behind >= hasher->behind_most);
	hasher->refused += !entered;
	hasher->behind += entered && behind;
	if (entered)
		hasher->names[hasher->within++] = name;
	pthread_mutex_unlock(&hasher->mutex);
	return entered;
}

void hasher_leave(struct hasher *hasher, uint64_t name)
{
	size_t at = 0;
	pthread_mutex_lock(&hasher->mutex);
	while (hasher->names[at] != name)
		at++;
	hasher->names[at] = hasher->names[--hasher->within];
	hasher->behind -= is_within(hasher, name);
	pthread_mutex_unlock(&hasher->mutex);
}

/* With the mutex held. */
static void enqueue(struct hasher *hasher, struct job *job)
{
	*hasher->last = job;
	hasher->last = &job->next;
	pthread_cond_signal(&hasher->queued);
}

void hasher_run(struct hasher *hasher, const struct hasher_job *of)
{
	struct job job = {.of = of, .ended = PTHREAD_COND_INITIALIZER};
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
	struct hasher_figures figures = {.done = hasher->done,
		.within = (int64_t)hasher->within,
		.refused = hasher->refused,
		.capacity = (int64_t)hasher->capacity,
		.threads = (int64_t)hasher->n_threads};
	for (const struct job *job = hasher->first; job; job = job->next)
		figures.queued++;
	pthread_mutex_unlock(&hasher->mutex);
	return figures;
}
