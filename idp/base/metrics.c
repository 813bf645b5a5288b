/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/metrics.h"
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#define LABELS (sizeof((struct metrics_sample *)0)->labels / sizeof(struct metrics_label))
#define US_PER_S 1000000

void metrics_family(struct buf *out, const char *name, enum metrics_type type, const char *help)
{
	static const char *const types[] = {[METRICS_COUNTER] = "counter",
		[METRICS_GAUGE] = "gauge",
		[METRICS_HISTOGRAM] = "histogram"};
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, types[type]);
}

/* Backslash, quote and line feed are escaped; everything else may stand there. */
static void put_label(struct buf *out, const struct metrics_label *label)
{
	buf_printf(out, "%s=\"", label->name);
	for (const char *at = label->value ? label->value : ""; *at; at++) {
		if (*at == '\\' || *at == '"' || *at == '\n')
			buf_puts(out, "\\");
		buf_putn(out, *at == '\n' ? "n" : at, 1);
	}
	buf_puts(out, "\"");
}

static void put_name(struct buf *out, const struct metrics_sample *sample)
{
	buf_puts(out, sample->name);
	for (size_t i = 0; i < LABELS && sample->labels[i].name; i++) {
		buf_puts(out, i == 0 ? "{" : ",");
		put_label(out, &sample->labels[i]);
	}
	buf_puts(out, sample->labels[0].name ? "} " : " ");
}

void metrics_int(struct buf *out, const struct metrics_sample *sample, int64_t value)
{
	put_name(out, sample);
	buf_printf(out, "%" PRId64 "\n", value);
}

void metrics_us(struct buf *out, const struct metrics_sample *sample, int64_t value_us)
{
	put_name(out, sample);
	const int64_t us = value_us < 0 ? 0 : value_us;
	buf_printf(out, "%" PRId64 ".%06" PRId64 "\n", us / US_PER_S, us % US_PER_S);
}

void metrics_one(
	struct buf *out, enum metrics_type type, const char *name, const char *help, int64_t value)
{
	metrics_family(out, name, type, help);
	metrics_int(out, &(struct metrics_sample){.name = name}, value);
}

/* -1: not known. */
static int64_t resident_bytes(void)
{
	long long pages = -1;
	FILE *file = fopen("/proc/self/statm", "re");
	if (!file)
		return -1;
	if (fscanf(file, "%*s %lld", &pages) != 1)
		pages = -1;
	(void)fclose(file);
	return pages < 0 ? -1 : pages * sysconf(_SC_PAGESIZE);
}

static int64_t cpu_us(void)
{
	struct rusage used = {0};
	(void)getrusage(RUSAGE_SELF, &used);
	return (int64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * US_PER_S +
	       used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

void metrics_process(struct buf *out, const char *role, int64_t started_at_s)
{
	const struct metrics_sample build = {
		"pratu_build_info", {{"role", role}, {"version", PRATU_VERSION}}};
	const struct metrics_sample cpu = {.name = "process_cpu_seconds_total"};
	const int64_t resident = resident_bytes();
	metrics_family(out, build.name, METRICS_GAUGE, "The program's version and role; always 1.");
	metrics_int(out, &build, 1);
	metrics_one(out, METRICS_GAUGE, "process_start_time_seconds",
		"When the process started, in unix seconds.", started_at_s);
	metrics_family(out, cpu.name, METRICS_COUNTER, "CPU time used, of user and system.");
	metrics_us(out, &cpu, cpu_us());
	if (resident >= 0)
		metrics_one(out, METRICS_GAUGE, "process_resident_memory_bytes",
			"Memory of the process in RAM.", resident);
}

void metrics_refusals(struct buf *out, struct tally *tally)
{
	static const char name[] = "pratu_refusals_total";
	if (!tally)
		return;
	const struct tally_counts counts = tally_look(tally, out->arena);
	struct metrics_sample sample = {
		name, {{"kind", NULL}, {"outcome", NULL}, {"reason", NULL}, {"client", NULL}}};
	metrics_family(out, name, METRICS_COUNTER,
		"Requests refused that proved nothing, as the record counts them.");
	for (size_t i = 0; i < counts.n; i++) {
		const struct tally_key *key = &counts.items[i].key;
		sample.labels[0].value = key->kind;
		sample.labels[1].value = key->outcome;
		sample.labels[2].value = key->reason;
		sample.labels[3].value = key->client_id;
		metrics_int(out, &sample, counts.items[i].total);
	}
}
