/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/log.h"
#include "idp/base/json.h"
#include "idp/base/str.h"
#include <fcntl.h>
#include <time.h>

/* Standard error goes into a pipe from here ... */
struct capture {
	int saved, read_end;
};

static struct capture capture_start(void)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	struct capture capture = {dup(STDERR_FILENO), ends[0]};
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	(void)close(ends[1]);
	return capture;
}

/* ... to here. Returns what was written, "" for nothing. */
static const char *capture_end(struct arena *arena, struct capture capture)
{
	char *text = arena_alloc(arena, 20000);
	assert_true(dup2(capture.saved, STDERR_FILENO) >= 0);
	(void)close(capture.saved);
	ssize_t len = read(capture.read_end, text, 19999);
	(void)close(capture.read_end);
	text[len < 0 ? 0 : len] = '\0';
	return text;
}

/* One line, parsed. */
static json_t *line_of(const char *text)
{
	json_t *line = NULL;
	size_t len = strlen(text);
	assert_true(len > 1);
	assert_ptr_equal(strchr(text, '\n'), text + len - 1);
	assert_ok(json_parse(text, len, &line, NULL));
	return line;
}

static void a_line_is_one_json_object(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	log_open("vault", LOG_LEVEL_INFO);
	struct capture capture = capture_start();
	log_warn("db.away", "sqlstate", "08006", "message", NULL, "note", "ประตู");
	AUTO_JSON json_t *line = line_of(capture_end(arena, capture));
	assert_string_equal(json_str(line, "role"), "vault");
	assert_string_equal(json_str(line, "level"), "warn");
	assert_string_equal(json_str(line, "what"), "db.away");
	assert_string_equal(json_str(line, "sqlstate"), "08006");
	assert_string_equal(json_str(line, "note"), "ประตู");
	assert_null(json_object_get(line, "message"));
	assert_int_equal(json_int(line, "pid", 0), getpid());
	arena_free(arena);
}

static void the_time_is_rfc_3339_in_utc(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	log_open("web", LOG_LEVEL_INFO);
	struct capture capture = capture_start();
	time_t before = time(NULL);
	log_info("x");
	AUTO_JSON json_t *line = line_of(capture_end(arena, capture));
	const char *text = json_str(line, "time");
	struct tm tm = {0};
	assert_int_equal(strlen(text), strlen("2026-01-02T03:04:05.678Z"));
	assert_string_equal(text + 23, "Z");
	assert_int_equal(sscanf(text, "%d-%d-%dT%d:%d:%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
				 &tm.tm_hour, &tm.tm_min, &tm.tm_sec),
		6);
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	assert_in_range(timegm(&tm) - before + 1, 0, 3);
	arena_free(arena);
}

static void levels_above_the_limit_are_dropped(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	log_open("web", LOG_LEVEL_WARN);
	struct capture capture = capture_start();
	log_info("quiet");
	log_debug("quiet");
	assert_string_equal(capture_end(arena, capture), "");
	capture = capture_start();
	log_error("loud");
	assert_non_null(strstr(capture_end(arena, capture), "loud"));
	arena_free(arena);
}

static void nobody_can_forge_a_line(void **state)
{
	(void)state;
	static const char evil[] = "a\n{\"level\":\"error\"}\r\x1b[31m\"\\\x7f\t";
	struct arena *arena = arena_new();
	log_open("web", LOG_LEVEL_INFO);
	struct capture capture = capture_start();
	log_info("x", "agent", evil, "latin1", "caf\xe9");
	const char *text = capture_end(arena, capture);
	AUTO_JSON json_t *line = line_of(text);
	assert_string_equal(json_str(line, "agent"), evil);
	assert_string_equal(json_str(line, "latin1"), "caf\xc3\xa9");
	assert_null(strpbrk(text, "\r\x1b\t\x7f"));
	arena_free(arena);
}

static void a_long_line_is_cut_and_says_so(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct buf thai = buf_new(arena), control = buf_new(arena);
	for (int i = 0; i < 1000; i++) {
		buf_puts(&thai, "ก"); /* three bytes: the bound of 1024 falls inside one */
		buf_puts(&control, "\x01");
	}
	log_open("web", LOG_LEVEL_INFO);
	struct capture capture = capture_start();
	log_info("x", "thai", thai.text, "control", control.text, "after", "y");
	const char *text = capture_end(arena, capture);
	assert_true(strlen(text) <= 4096);
	AUTO_JSON json_t *line = line_of(text);
	assert_int_equal(strlen(json_str(line, "thai")), 1023);
	assert_null(
		json_object_get(line, "control")); /* 6,000 bytes when escaped: left out whole */
	assert_true(json_flag(line, "cut", false));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_one_json_object),
		cmocka_unit_test(the_time_is_rfc_3339_in_utc),
		cmocka_unit_test(levels_above_the_limit_are_dropped),
		cmocka_unit_test(nobody_can_forge_a_line),
		cmocka_unit_test(a_long_line_is_cut_and_says_so),
	};
	return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
