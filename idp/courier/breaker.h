/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A circuit breaker of one gateway: after BREAKER_FAILURES failures in a row the gateway is left
 * alone for BREAKER_REST_US; then one message tries it, and only if that succeeds do others follow.
 * Thread-safe. Times are monotonic microseconds, and are arguments.
 */
#ifndef PRATU_COURIER_BREAKER_H
#define PRATU_COURIER_BREAKER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define BREAKER_FAILURES 5
#define BREAKER_REST_US INT64_C(10000000)

struct breaker {
	pthread_mutex_t mutex;
	int failures; /* in a row */
	int64_t rest_until_us; /* 0: not open */
	bool probing; /* one message tries it, which has not ended yet */
};

/* Not open; until breaker_destroy. */
void breaker_init(struct breaker *breaker);
/* Release what it holds. */
void breaker_destroy(struct breaker *breaker);
/* May a message be given to it now? Each true is followed by one breaker_note or breaker_unused. */
bool breaker_permits(struct breaker *breaker, int64_t now_us);
/* How that ended: whether the gateway works. */
void breaker_note(struct breaker *breaker, bool works, int64_t now_us);
/* It was not tried after all. */
void breaker_unused(struct breaker *breaker);
/* When breaker_permits can be true again, at the earliest; 0: now. */
int64_t breaker_wait_us(struct breaker *breaker, int64_t now_us);

#endif
