/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A meter counts one kind of thing (requests, statements, calls): by name, by outcome, and how long
 * each took. Adding takes no lock and makes nothing: a look-up in a small table and three atomic
 * additions. A name is a constant of the program (a route, a query, an operation), never a text
 * that was received; what finds no place among METER_NAMES is counted as "other".
 */
#ifndef PRATU_BASE_METER_H
#define PRATU_BASE_METER_H

#include "idp/base/metrics.h"

#define METER_NAMES 64
#define METER_OUTCOMES 24
#define METER_OTHER "other"

/* Constant. The meter's families: <counter>, a counter by label and outcome_label, and unless NULL
 * <duration>, a histogram in seconds by label. */
struct meter_kind {
	const char *counter, *counter_help;
	const char *duration, *duration_help; /* NULL: how long is not measured */
	const char *label, *outcome_label; /* outcome_label NULL: there is one outcome, without a
					      label */
	const char *const *outcomes; /* the values of outcome_label, at most METER_OUTCOMES */
	size_t n_outcomes;
};

struct meter;

/* Owned by the caller; never NULL. */
struct meter *meter_new(const struct meter_kind *kind);
/* NULL-safe. */
void meter_free(struct meter *meter);
/* Count one. name lives as long as the meter; outcome: an index into the kind's outcomes; took_us:
 * microseconds, not used without a duration. Any thread. meter NULL: nothing is counted. */
void meter_add(struct meter *meter, const char *name, size_t outcome, int64_t took_us);
/* Count n at once, of a kind without a duration; otherwise as meter_add. */
void meter_add_many(struct meter *meter, const char *name, size_t outcome, int64_t n);
/* Both families. Any thread; what is added meanwhile may be in one of them only. meter NULL:
 * nothing. */
void meter_write(const struct meter *meter, struct buf *out);

#endif
