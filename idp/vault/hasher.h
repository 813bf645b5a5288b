/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The threads that compute password hashes, and nothing else: a bounded number, at a lower priority
 * than the rest of the process, so that signing stays fast while sign-ins storm; with a bounded
 * number of callers, so that a storm is answered and not queued without end.
 */
#ifndef PRATU_VAULT_HASHER_H
#define PRATU_VAULT_HASHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hasher;

/* threads: computations at once. room: callers at once, computing or waiting. Owned by the caller;
 * NULL: no thread could be started. */
struct hasher *hasher_new(size_t threads, size_t room);
/* Ends the threads; nobody may be within. NULL-safe. */
void hasher_free(struct hasher *hasher);

/* Ask for a place before anything is counted against the citizen. False: full. Each true is
 * followed by one hasher_leave. */
bool hasher_enter(struct hasher *hasher);
void hasher_leave(struct hasher *hasher);
/* Run work(arg) on one of the threads and wait for its end. Only between enter and leave. */
void hasher_run(struct hasher *hasher, void (*work)(void *arg), void *arg);

struct hasher_figures {
	int64_t done, within; /* computations so far; callers now */
};
struct hasher_figures hasher_figures(struct hasher *hasher);

#endif
