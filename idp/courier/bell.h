/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wakes threads that wait for work. One ring wakes one of them, or the next that would wait; rings
 * that nobody has heard yet are one. Thread-safe.
 */
#ifndef PRATU_COURIER_BELL_H
#define PRATU_COURIER_BELL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct bell {
	pthread_mutex_t mutex;
	pthread_cond_t rung;
	bool pending, stopping;
};

/* From here on it is used, until bell_destroy; then nobody waits any more. */
void bell_init(struct bell *bell);
/* Release what it holds. */
void bell_destroy(struct bell *bell);
/* Any thread. */
void bell_ring(struct bell *bell);
/* Until it rings, but no longer than timeout_ms. False: it is time to stop. */
bool bell_wait(struct bell *bell, int64_t timeout_ms);
/* From here on bell_wait returns false at once, for everybody. */
void bell_stop(struct bell *bell);

#endif
