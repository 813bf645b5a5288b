/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/metrics.h"

static void a_label_holds_any_text(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct buf out = buf_new(arena);
	const struct metrics_sample sample = {
		"x", {{"client", "a\"b\\c\nx{} 9"}, {"reason", NULL}, {"lang", "ประตู"}}};
	metrics_int(&out, &sample, -3);
	assert_string_equal(
		out.text, "x{client=\"a\\\"b\\\\c\\nx{} 9\",reason=\"\",lang=\"ประตู\"} -3\n");
	arena_free(arena);
}

static void a_family_has_help_and_type(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct buf out = buf_new(arena);
	metrics_one(&out, METRICS_GAUGE, "pratu_x", "Why.", 7);
	metrics_us(&out, &(struct metrics_sample){.name = "y_seconds"}, 61000007);
	assert_string_equal(out.text,
		"# HELP pratu_x Why.\n# TYPE pratu_x gauge\npratu_x 7\ny_seconds 61.000007\n");
	arena_free(arena);
}

static void a_process_tells_what_it_uses(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct buf out = buf_new(arena);
	metrics_process(&out, "web", 1700000000);
	assert_non_null(strstr(
		out.text, "\npratu_build_info{role=\"web\",version=\"" PRATU_VERSION "\"} 1\n"));
	assert_non_null(strstr(out.text, "\nprocess_start_time_seconds 1700000000\n"));
	const char *at = strstr(out.text, "\nprocess_resident_memory_bytes ");
	assert_non_null(at);
	assert_true(strtoll(strchr(at, ' '), NULL, 10) > 100000);
	assert_non_null(strstr(out.text, "\nprocess_cpu_seconds_total "));
	arena_free(arena);
}

static void refusals_are_counted_since_the_start(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct buf out = buf_new(arena);
	struct tally *tally = tally_new();
	const struct tally_key key = {"token", "refused", "unknown_client", NULL};
	metrics_refusals(&out, NULL);
	assert_string_equal(out.text, "");
	tally_add(tally, &key, 2);
	assert_int_equal(tally_take(tally, arena).n, 1);
	tally_add(tally, &key, 3);
	metrics_refusals(&out, tally);
	assert_non_null(
		strstr(out.text, "\npratu_refusals_total{kind=\"token\",outcome=\"refused\","
				 "reason=\"unknown_client\",client=\"\"} 5\n"));
	tally_free(tally);
	arena_free(arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_label_holds_any_text),
		cmocka_unit_test(a_family_has_help_and_type),
		cmocka_unit_test(a_process_tells_what_it_uses),
		cmocka_unit_test(refusals_are_counted_since_the_start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
