/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/meter.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define BOUNDS (sizeof bounds / sizeof *bounds)
#define HASH_START 2166136261u /* FNV-1a, 32 bits */
#define HASH_PRIME 16777619u

/* Upper bounds of the buckets: from a statement on one row to a time-out. */
static const struct {
	int64_t us;
	const char *le; /* in seconds */
} bounds[] = {
	{500, "0.0005"},
	{1000, "0.001"},
	{2500, "0.0025"},
	{5000, "0.005"},
	{10000, "0.01"},
	{25000, "0.025"},
	{50000, "0.05"},
	{100000, "0.1"},
	{250000, "0.25"},
	{500000, "0.5"},
	{1000000, "1"},
	{2500000, "2.5"},
	{5000000, "5"},
	{10000000, "10"},
};

struct place {
	_Atomic(const char *) name; /* NULL: free */
	atomic_llong outcomes[METER_OUTCOMES];
	atomic_llong buckets[BOUNDS + 1]; /* each counts what is in no smaller one */
	atomic_llong sum_us;
};

struct meter {
	const struct meter_kind *kind;
	struct place other; /* of METER_OTHER */
	struct place places[METER_NAMES];
};

struct meter *meter_new(const struct meter_kind *kind)
{
	struct meter *meter = calloc(1, sizeof *meter);
	if (!meter)
		abort();
	meter->kind = kind;
	return meter;
}

void meter_free(struct meter *meter)
{
	free(meter);
}

static size_t hash(const char *name)
{
	uint32_t made = HASH_START;
	for (; *name; name++)
		made = (made ^ (uint8_t)*name) * HASH_PRIME;
	return made % METER_NAMES;
}

/* Is the place the name's? A free one becomes so. */
static bool take(struct place *place, const char *name)
{
	const char *there = atomic_load_explicit(&place->name, memory_order_acquire);
	if (!there && atomic_compare_exchange_strong(&place->name, &there, name))
		return true;
	return there == name || str_eq(there, name);
}

static struct place *find(struct meter *meter, const char *name)
{
	const bool other = str_eq(name, METER_OTHER);
	const size_t first = hash(name);
	for (size_t i = 0; i < METER_NAMES && !other; i++) {
		struct place *place = &meter->places[(first + i) % METER_NAMES];
		if (take(place, name))
			return place;
	}
	(void)take(&meter->other, METER_OTHER);
	return &meter->other;
}

static void count(atomic_llong *counter, int64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static int64_t value(const atomic_llong *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

void meter_add(struct meter *meter, const char *name, size_t outcome, int64_t took_us)
{
	if (!meter)
		return;
	struct place *place = find(meter, name);
	size_t bucket = 0;
	if (outcome < meter->kind->n_outcomes)
		count(&place->outcomes[outcome], 1);
	if (!meter->kind->duration)
		return;
	while (bucket < BOUNDS && took_us > bounds[bucket].us)
		bucket++;
	count(&place->buckets[bucket], 1);
	count(&place->sum_us, took_us < 0 ? 0 : took_us);
}

void meter_add_many(struct meter *meter, const char *name, size_t outcome, int64_t n)
{
	if (meter && outcome < meter->kind->n_outcomes)
		count(&find(meter, name)->outcomes[outcome], n);
}

/* The i-th of all places, that of "other" last; NULL: not used. */
static const struct place *used(const struct meter *meter, size_t i)
{
	const struct place *place = i < METER_NAMES ? &meter->places[i] : &meter->other;
	return atomic_load_explicit(&place->name, memory_order_acquire) ? place : NULL;
}

static void write_outcomes(const struct meter *meter, const struct place *place, struct buf *out)
{
	const struct meter_kind *kind = meter->kind;
	struct metrics_sample sample = {kind->counter,
		{{kind->label, atomic_load(&place->name)}, {kind->outcome_label, NULL}}};
	for (size_t i = 0; i < kind->n_outcomes; i++) {
		const int64_t n = value(&place->outcomes[i]);
		sample.labels[1].value = kind->outcomes[i];
		if (n > 0)
			metrics_int(out, &sample, n);
	}
}

/* The buckets of the format hold all smaller ones too. */
static void write_durations(const struct meter *meter, const struct place *place, struct buf *out)
{
	const struct meter_kind *kind = meter->kind;
	char name[128];
	struct metrics_sample sample = {name, {{kind->label, atomic_load(&place->name)}}};
	int64_t n = 0;
	(void)snprintf(name, sizeof name, "%s_bucket", kind->duration);
	for (size_t i = 0; i <= BOUNDS; i++) {
		n += value(&place->buckets[i]);
		sample.labels[1] = (struct metrics_label){"le", i < BOUNDS ? bounds[i].le : "+Inf"};
		metrics_int(out, &sample, n);
	}
	sample.labels[1] = (struct metrics_label){NULL, NULL};
	(void)snprintf(name, sizeof name, "%s_sum", kind->duration);
	metrics_us(out, &sample, value(&place->sum_us));
	(void)snprintf(name, sizeof name, "%s_count", kind->duration);
	metrics_int(out, &sample, n);
}

void meter_write(const struct meter *meter, struct buf *out)
{
	if (!meter)
		return;
	const struct meter_kind *kind = meter->kind;
	metrics_family(out, kind->counter, METRICS_COUNTER, kind->counter_help);
	for (size_t i = 0; i <= METER_NAMES; i++)
		if (used(meter, i))
			write_outcomes(meter, used(meter, i), out);
	if (!kind->duration)
		return;
	metrics_family(out, kind->duration, METRICS_HISTOGRAM, kind->duration_help);
	for (size_t i = 0; i <= METER_NAMES; i++)
		if (used(meter, i))
			write_durations(meter, used(meter, i), out);
}
