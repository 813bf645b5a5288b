/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counters of refused requests of unauthenticated clients, by kind, outcome, reason and client: a
 * request that proves nothing leaves no row of its own (DESIGN.md, I9). A role adds from any thread
 * and writes what was counted once a minute, one row of the audit log each. Bounded: when all
 * places are taken, the rest is counted without its client and reason.
 */
#ifndef PRATU_BASE_TALLY_H
#define PRATU_BASE_TALLY_H

#include "idp/base/arena.h"
#include <stddef.h>
#include <stdint.h>

#define TALLY_PLACES 1024 /* different keys */
#define TALLY_TEXT_MAX 64 /* bytes of each text; longer ones are cut */
#define TALLY_OTHER "other" /* the reason of what found no place */

/* kind, outcome and reason are short fixed words of ours; client_id is that of a registered client,
 * or NULL. */
struct tally_key {
	const char *kind, *outcome, *reason, *client_id;
};

struct tally_count {
	struct tally_key key;
	int64_t n; /* since the last tally_take */
	int64_t total; /* since the start */
};

struct tally_counts {
	struct tally_count *items; /* with their texts in the arena */
	size_t n;
};

struct tally;

/* Owned by the caller; never NULL. */
struct tally *tally_new(void);
/* NULL-safe. */
void tally_free(struct tally *tally);
/* Count n more. Allocates nothing and waits for no I/O. tally NULL: nothing is counted. */
void tally_add(struct tally *tally, const struct tally_key *key, int64_t n);
/* What was counted since it was last taken; from here on it counts from zero. Who cannot write it
 * adds it again. */
struct tally_counts tally_take(struct tally *tally, struct arena *arena);
/* All keys with their totals, for metrics. */
struct tally_counts tally_look(struct tally *tally, struct arena *arena);

#endif
