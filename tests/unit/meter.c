/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/meter.h"
#include <pthread.h>
#include <stdio.h>

static const char *const outcomes[] = {"ok", "failed"};
static const struct meter_kind kind = {.counter = "pratu_calls_total",
	.counter_help = "Calls.",
	.duration = "pratu_call_duration_seconds",
	.duration_help = "How long they took.",
	.label = "op",
	.outcome_label = "outcome",
	.outcomes = outcomes,
	.n_outcomes = COUNT(outcomes)};

static const char *text_of(struct arena *arena, const struct meter *meter)
{
	struct buf out = buf_new(arena);
	meter_write(meter, &out);
	return out.text;
}

static bool has(const char *text, const char *line)
{
	const char *at = strstr(text, line);
	return at && (at == text || at[-1] == '\n') && at[strlen(line)] == '\n';
}

static void it_counts_by_name_and_outcome(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct meter *meter = meter_new(&kind);
	char same[] = "sign"; /* another address, the same name */
	meter_add(meter, "sign", 0, 700);
	meter_add(meter, same, 0, 30000);
	meter_add(meter, "sign", 1, 60000000);
	meter_add(meter, "bind", 1, 500);
	meter_add(meter, "bind", 2, 500); /* no such outcome */
	const char *text = text_of(arena, meter);
	assert_true(has(text, "# HELP pratu_calls_total Calls."));
	assert_true(has(text, "# TYPE pratu_calls_total counter"));
	assert_true(has(text, "pratu_calls_total{op=\"sign\",outcome=\"ok\"} 2"));
	assert_true(has(text, "pratu_calls_total{op=\"sign\",outcome=\"failed\"} 1"));
	assert_true(has(text, "pratu_calls_total{op=\"bind\",outcome=\"failed\"} 1"));
	assert_null(strstr(text, "{op=\"bind\",outcome=\"ok\"}"));
	assert_null(strstr(text, METER_OTHER));
	meter_free(meter);
	arena_free(arena);
}

static void many_are_counted_at_once(void **state)
{
	(void)state;
	static const char *const all[] = {NULL};
	static const struct meter_kind jobs = {.counter = "pratu_jobs_total",
		.counter_help = "Jobs.",
		.label = "query",
		.outcomes = all,
		.n_outcomes = 1};
	struct arena *arena = arena_new();
	struct meter *meter = meter_new(&jobs);
	meter_add_many(meter, "redeem", 0, 31);
	meter_add_many(meter, "redeem", 0, 1);
	meter_add_many(meter, "redeem", 1, 1); /* no such outcome */
	meter_add_many(NULL, "redeem", 0, 1);
	assert_true(has(text_of(arena, meter), "pratu_jobs_total{query=\"redeem\"} 32"));
	meter_free(meter);
	arena_free(arena);
}

static void a_histogram_counts_up(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct meter *meter = meter_new(&kind);
	meter_add(meter, "sign", 0, 500);
	meter_add(meter, "sign", 0, 501);
	meter_add(meter, "sign", 0, 30000);
	meter_add(meter, "sign", 0, 60000000);
	meter_add(meter, "sign", 0, -5); /* a clock that ran backwards */
	const char *text = text_of(arena, meter);
	assert_true(has(text, "# TYPE pratu_call_duration_seconds histogram"));
#define BUCKET(le, n) "pratu_call_duration_seconds_bucket{op=\"sign\",le=\"" le "\"} " n
	assert_true(has(text, BUCKET("0.0005", "2")));
	assert_true(has(text, BUCKET("0.001", "3")));
	assert_true(has(text, BUCKET("0.025", "3")));
	assert_true(has(text, BUCKET("0.05", "4")));
	assert_true(has(text, BUCKET("10", "4")));
	assert_true(has(text, BUCKET("+Inf", "5")));
	assert_true(has(text, "pratu_call_duration_seconds_sum{op=\"sign\"} 60.031001"));
	assert_true(has(text, "pratu_call_duration_seconds_count{op=\"sign\"} 5"));
	meter_free(meter);
	arena_free(arena);
}

/* However many names there are, the series are bounded. */
static void what_finds_no_place_is_other(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct meter *meter = meter_new(&kind);
	size_t series = 0;
	for (int i = 0; i < 3 * METER_NAMES; i++)
		meter_add(meter, arena_printf(arena, "op%d", i), 0, 1);
	meter_add(meter, METER_OTHER, 0, 1);
	const char *text = text_of(arena, meter);
	assert_non_null(strstr(text, "pratu_calls_total{op=\"other\",outcome=\"ok\"} 129\n"));
	for (const char *at = text; (at = strstr(at, "pratu_calls_total{")) != NULL; at++)
		series++;
	assert_int_equal(series, METER_NAMES + 1);
	meter_free(meter);
	arena_free(arena);
}

#define THREADS 8
#define TIMES 20000

static void *add_many(void *arg)
{
	static const char *const names[] = {"a", "b", "c", "d"};
	for (size_t i = 0; i < TIMES; i++)
		meter_add(arg, names[i % COUNT(names)], i % 2, 1000);
	return NULL;
}

static void nothing_is_lost_between_threads(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct meter *meter = meter_new(&kind);
	pthread_t threads[THREADS];
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, add_many, meter), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	const char *text = text_of(arena, meter);
	assert_true(has(text, "pratu_calls_total{op=\"a\",outcome=\"ok\"} 40000"));
	assert_true(has(text, "pratu_calls_total{op=\"d\",outcome=\"failed\"} 40000"));
	assert_true(has(text, "pratu_call_duration_seconds_count{op=\"b\"} 40000"));
	assert_true(has(text, "pratu_call_duration_seconds_sum{op=\"c\"} 40.000000"));
	meter_free(meter);
	arena_free(arena);
}

static void without_a_meter_nothing_happens(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	meter_add(NULL, "sign", 0, 1);
	assert_string_equal(text_of(arena, NULL), "");
	meter_free(NULL);
	arena_free(arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_counts_by_name_and_outcome),
		cmocka_unit_test(many_are_counted_at_once),
		cmocka_unit_test(a_histogram_counts_up),
		cmocka_unit_test(what_finds_no_place_is_other),
		cmocka_unit_test(nothing_is_lost_between_threads),
		cmocka_unit_test(without_a_meter_nothing_happens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
