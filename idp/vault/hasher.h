/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The threads that check passwords, and do nothing else: a bounded number, at a lower priority than
 * the rest of the process, so that signing stays fast while many sign in; with a bounded number of
 * callers, so that a storm is answered and not queued without end. A transaction around a hash is
 * opened and ended within the work, so that no more are open than there are threads.
 */
#ifndef PRATU_VAULT_HASHER_H
#define PRATU_VAULT_HASHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hasher;

/* threads: hashes computed at once. capacity: callers at once, computing or waiting. Owned by the
 * caller; NULL: no thread could be started. */
struct hasher *hasher_new(size_t threads, size_t capacity);
/* Ends the threads; nobody may be within. NULL-safe. */
void hasher_free(struct hasher *hasher);

/* Ask for a place before anything is counted against the citizen. False: full. Each true is
 * followed by one hasher_leave. */
bool hasher_enter(struct hasher *hasher);
void hasher_leave(struct hasher *hasher);
/* Run work(arg) on one of the threads and wait for its end; it returns how many hashes it computed.
 * Only between enter and leave. */
void hasher_run(struct hasher *hasher, int64_t (*work)(void *arg), void *arg);

struct hasher_figures {
	int64_t done, within; /* hashes so far; callers now */
};
/* The counts at this moment. Any thread. */
struct hasher_figures hasher_figures(struct hasher *hasher);

#endif
