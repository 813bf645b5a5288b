/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The threads that check passwords, and do nothing else: a bounded number, at a lower priority than
 * the rest of the process, so that signing stays fast while many sign in; with a bounded number of
 * callers, so that a storm is answered and not queued without end. A transaction around a hash is
 * opened and ended within the work, so that no more are open than there are threads.
 *
 * Tries at one login name wait for each other in the database. So that many of them at once hold
 * neither the threads nor all who call, each call has a name: of one name one is worked at, the
 * others let those behind them pass; and of all names together only a few callers are admitted that
 * wait behind one of their own name. So however many names are flooded, each holds one caller.
 */
#ifndef PRATU_VAULT_HASHER_H
#define PRATU_VAULT_HASHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hasher;

/* threads: hashes computed at once. capacity: callers at once, computing or waiting; behind: of
 * these, those that are not the only one of their name, all names together. Owned by the caller;
 * NULL: no thread could be started. */
struct hasher *hasher_new(size_t threads, size_t capacity, size_t behind);
/* Ends the threads; nobody may be within. NULL-safe. */
void hasher_free(struct hasher *hasher);

/* What stands for a login name: the first bytes of a keyed hash of it, of at least 8 bytes. */
uint64_t hasher_name(const uint8_t *hash);
/* Ask for a place before anything is counted against the citizen. False: full, or the name has a
 * place and too many wait so. Each true is followed by one hasher_leave. */
bool hasher_enter(struct hasher *hasher, uint64_t name);
void hasher_leave(struct hasher *hasher, uint64_t name);

struct hasher_job {
	uint64_t name;
	int64_t (*work)(void *arg); /* returns how many hashes it computed */
	void *arg;
};
/* Run work(arg) on one of the threads and wait for its end. Only between enter and leave. */
void hasher_run(struct hasher *hasher, const struct hasher_job *of);

struct hasher_figures {
	int64_t done, within; /* hashes so far; callers now */
	int64_t queued; /* of the callers, those that no thread works for yet */
	int64_t refused; /* that were not admitted, since the start */
	int64_t capacity, threads; /* as given; threads: as started */
};
/* The counts at this moment. Any thread. */
struct hasher_figures hasher_figures(struct hasher *hasher);

#endif
