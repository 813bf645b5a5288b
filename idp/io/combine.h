/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A combiner: threads that have the same kind of work to do at the same moment have it done
 * together. Each submits a job and waits; while fewer than `leaders` are at work, the thread that
 * submits one does it and, with it, those of the same kind that wait already. There is no timer and
 * no job waits for others to arrive: alone, it is done at once by its own thread. The combiner
 * knows nothing of SQL, HTTP or the vault.
 *
 * Jobs are bounded by the threads that submit them: one job for each thread. So there is nothing to
 * refuse here, and nothing is left over at an end: join the threads, then free the combiner.
 */
#ifndef PRATU_IO_COMBINE_H
#define PRATU_IO_COMBINE_H

#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>

#define COMBINE_MOST 64 /* jobs worked off together, at most */

/* First member of the caller's job, zeroed but for kind and most. */
struct combine_job {
	const void *kind; /* jobs with the same pointer may be worked off together */
	size_t most; /* with so many of them at most; 1 .. COMBINE_MOST, the same for the kind */
	/* The combiner's. */
	struct combine_job *next;
	sem_t turn; /* its thread waits here */
	int leader; /* -1: not this thread */
};

struct combine_setup {
	int leaders; /* threads that work off jobs at once; at least 1 */
	void *arg;
	/* On the thread of the first job: work off n jobs of one kind, that of this
	 * thread first, the others in the order in which they arrived. leader is 0 .. leaders-1 and
	 * nobody else's meanwhile. What it writes into a job is seen by the thread that submitted
	 * it.
	 */
	void (*work)(void *arg, int leader, struct combine_job *const *jobs, size_t n);
};

struct combine;

/* Never NULL. Owned by the caller; setup is copied. */
struct combine *combine_new(const struct combine_setup *setup);
/* NULL-safe. Nobody is in combine_run any more. */
void combine_free(struct combine *combine);
/* Have a job worked off, by this thread or another. Returns when that is done. Any thread. */
void combine_run(struct combine *combine, struct combine_job *job);

struct combine_figures {
	size_t waiting; /* jobs that nobody works on yet */
	unsigned long long rounds, jobs; /* calls of work, and jobs that they were given */
};
/* Any thread. */
struct combine_figures combine_figures(struct combine *combine);

#endif
