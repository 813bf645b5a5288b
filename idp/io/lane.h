/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lane: a bounded queue and the threads that work it off, in order. What waits too long is not
 * queued at all: a full lane refuses at once. Of the workers at rest the last to rest is called
 * first, so that few of them, and what they hold, are warm. It knows nothing of HTTP.
 */
#ifndef PRATU_IO_LANE_H
#define PRATU_IO_LANE_H

#include "idp/base/result.h"
#include <stdbool.h>
#include <stdint.h>

/* Put first into what is queued. */
struct lane_job {
	struct lane_job *next;
};

struct lane_setup {
	int64_t workers; /* threads */
	int64_t capacity; /* jobs waiting, beyond those that are being worked on */
	void *arg;
	/* On a worker's thread; worker is 0 .. workers-1. The job is the callee's from here on. */
	void (*work)(void *arg, int worker, struct lane_job *job);
	/* On the thread of lane_stop or lane_push: a job that was still waiting, or was too late.
	 */
	void (*drop)(void *arg, struct lane_job *job);
};

struct lane;

/* Start the threads. *out is owned by the caller. ERR_IO. */
MUST_CHECK struct result lane_new(const struct lane_setup *setup, struct lane **out);
/* Take a place; false if the lane is full or has ended. Every place taken must be filled by
 * lane_push. */
bool lane_reserve(struct lane *lane);
/* Queue a job in the place taken. */
void lane_push(struct lane *lane, struct lane_job *job);
/* Drop waiting jobs, let running ones finish, join the threads. NULL-safe. */
void lane_stop(struct lane *lane);
/* NULL-safe; after lane_stop. */
void lane_free(struct lane *lane);

struct lane_figures {
	int64_t waiting, running, refused, done;
};
/* Jobs waiting and running now, and refused and done so far. Any thread. */
struct lane_figures lane_figures(struct lane *lane);

#endif
