/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one encoder into Prometheus' text format (version 0.0.4): families with their help, samples
 * with their labels. Names, units and help texts are constants of the caller: base units (seconds,
 * bytes), counters end in _total. No value is a citizen's, and no label a text of a stranger.
 */
#ifndef PRATU_BASE_METRICS_H
#define PRATU_BASE_METRICS_H

#include "idp/base/str.h"
#include "idp/base/tally.h"

#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum metrics_type {
	METRICS_COUNTER,
	METRICS_GAUGE,
	METRICS_HISTOGRAM,
};

struct metrics_label {
	const char *name, *value; /* value: any text; NULL is "" */
};

/* Of one sample. name: of the family, with what the type adds ("_bucket"). */
struct metrics_sample {
	const char *name;
	struct metrics_label labels[5]; /* up to the first without a name */
};

/* Begin a family: its samples follow, and no other begins before its last. help: one line. */
void metrics_family(struct buf *out, const char *name, enum metrics_type type, const char *help);
/* One line: a whole number; microseconds, written as seconds. */
void metrics_int(struct buf *out, const struct metrics_sample *sample, int64_t value);
void metrics_us(struct buf *out, const struct metrics_sample *sample, int64_t value_us);
/* A whole family of one sample without a label. */
void metrics_one(
	struct buf *out, enum metrics_type type, const char *name, const char *help, int64_t value);

/* What each process tells of itself: version, role, start, CPU time, memory. started_at_s: unix
 * seconds. */
void metrics_process(struct buf *out, const char *role, int64_t started_at_s);
/* What was refused and has no row of its own, as pratu_refusals_total. tally NULL: nothing. */
void metrics_refusals(struct buf *out, struct tally *tally);

#endif
