/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/log.h"
#include "idp/base/json.h"
#include "idp/base/str.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
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

static void numbers_are_numbers(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	log_open("web", LOG_LEVEL_INFO);
	struct capture capture = capture_start();
	log_info("x", LOG_NUMBER("status"), "200", LOG_NUMBER("ms"), "0.7", LOG_NUMBER("left"),
		"-12", LOG_NUMBER("zero"), "0", LOG_NUMBER("none"), NULL, "text", "7");
	AUTO_JSON json_t *line = line_of(capture_end(arena, capture));
	assert_int_equal(json_int(line, "status", 0), 200);
	assert_int_equal(json_int(line, "left", 0), -12);
	assert_int_equal(json_int(line, "zero", 1), 0);
	assert_true(json_is_real(json_object_get(line, "ms")));
	assert_null(json_object_get(line, "none"));
	assert_string_equal(json_str(line, "text"), "7");
	arena_free(arena);
}

/* Or the line would be no JSON, and could be forged. */
static void what_is_no_number_is_a_string(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "-", "01", "1.", ".5", "1e3", "nan", "-inf", "1,2",
		"1\"", "0x10", "1}", "+1", "1 ", "123456789012345678901234567890123"};
	struct arena *arena = arena_new();
	log_open("web", LOG_LEVEL_INFO);
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct capture capture = capture_start();
		log_info("x", LOG_NUMBER("n"), texts[i]);
		AUTO_JSON json_t *line = line_of(capture_end(arena, capture));
		assert_string_equal(json_str(line, "n"), texts[i]);
	}
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

/* What a terminal or a viewer would obey: C1, separators of lines, marks and overrides of
 * direction. */
static void no_character_steers_the_reader(void **state)
{
	(void)state;
	static const char *const evil[] = {"\xc2\x80", "\xc2\x9b", "\xc2\x9f", "\xd8\x9c",
		"\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xae",
		"\xe2\x81\xa6", "\xe2\x81\xa9"};
	static const char fine[] = "\xc2\xa0 \xe0\xb8\x81 \xe2\x80\x8b \xf0\x9f\x99\x82";
	struct arena *arena = arena_new();
	log_open("web", LOG_LEVEL_INFO);
	for (size_t i = 0; i < COUNT(evil); i++) {
		struct capture capture = capture_start();
		log_info("x", "agent", arena_printf(arena, "a%sb", evil[i]), "fine", fine);
		const char *text = capture_end(arena, capture);
		assert_null(strstr(text, evil[i]));
		assert_non_null(strstr(text, fine));
		AUTO_JSON json_t *line = line_of(text);
		assert_string_equal(json_str(line, "agent"), arena_printf(arena, "a%sb", evil[i]));
	}
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

/* In a child: the thread of the log stays until its process ends. Returns its wait status; what it
 * wrote to standard error is in *text. The reader reads nothing until it is told on `go`, or until
 * the child has ended. */
static int in_child(struct arena *arena, void (*work)(int go), const char **text)
{
	int err[2], go[2], status = 0;
	assert_int_equal(pipe(err), 0);
	assert_int_equal(pipe(go), 0);
	const pid_t pid = fork();
	if (pid == 0) {
		(void)dup2(err[1], STDERR_FILENO);
		(void)close(err[0]);
		(void)close(err[1]);
		(void)close(go[0]);
		work(go[1]);
		exit(0);
	}
	(void)close(err[1]);
	(void)close(go[1]);
	char byte, *all = arena_alloc(arena, 1 << 20);
	size_t len = 0;
	ssize_t n;
	(void)!read(go[0], &byte, 1); /* one byte, or the end */
	while ((n = read(err[0], all + len, (1 << 20) - 1 - len)) > 0)
		len += (size_t)n;
	(void)close(err[0]);
	(void)close(go[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	*text = all;
	return status;
}

#define FLOOD 20000 /* lines: more than a pipe and the queue hold */

static void flood(int go)
{
	log_open("web", LOG_LEVEL_INFO);
	if (log_start().err != ERR_NONE)
		_exit(9);
	for (int i = 0; i < FLOOD; i++)
		log_info("flood", "agent", "a line that nobody reads for now");
	(void)!write(go, "", 1); /* all of them were handed over, though nothing was read */
	log_flush();
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;
	for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what))
		n++;
	return n;
}

static void a_reader_that_stalls_stops_nobody_and_is_told_what_it_missed(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	const char *text = NULL;
	assert_int_equal(in_child(arena, flood, &text), 0);
	const char *at = strstr(text, "\"what\":\"log.dropped\",\"lines\":");
	assert_non_null(at);
	const size_t dropped =
		strtoul(strchr(at, ':') + strlen(":\"log.dropped\",\"lines\":"), NULL, 10);
	assert_true(dropped > 0);
	assert_int_equal(count(text, "\"flood\"") + dropped, FLOOD);
	assert_int_equal(count(text, "\n"), count(text, "{\"time\""));
	arena_free(arena);
}

static void stall(int go)
{
	struct timespec before, after;
	log_open("web", LOG_LEVEL_INFO);
	if (log_start().err != ERR_NONE)
		_exit(9);
	for (int i = 0; i < FLOOD; i++)
		log_info("flood", "agent", "a line that nobody reads for now");
	(void)clock_gettime(CLOCK_MONOTONIC, &before);
	log_flush();
	(void)clock_gettime(CLOCK_MONOTONIC, &after);
	(void)go;
	_exit(after.tv_sec - before.tv_sec <= 3 ? 0 : 8);
}

static void the_end_waits_a_bounded_time_for_the_reader(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	const char *text = NULL;
	assert_int_equal(in_child(arena, stall, &text), 0);
	assert_true(count(text, "\"flood\"") > 0);
	arena_free(arena);
}

static void last_words(int go)
{
	(void)go;
	log_open("web", LOG_LEVEL_INFO);
	if (log_start().err != ERR_NONE)
		_exit(9);
	log_info("last");
}

static void die(int go)
{
	const struct rlimit none = {0, 0};
	(void)go;
	(void)setrlimit(RLIMIT_CORE, &none);
	log_open("web", LOG_LEVEL_INFO);
	if (log_start().err != ERR_NONE)
		_exit(9);
	log_die("memory", "out of memory");
}

static void the_last_lines_are_written_before_the_end(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	const char *text = NULL;
	assert_int_equal(in_child(arena, last_words, &text), 0);
	assert_non_null(strstr(text, "\"last\""));
	assert_true(WIFSIGNALED(in_child(arena, die, &text)));
	assert_non_null(strstr(text, "\"error\":\"out of memory\""));
	arena_free(arena);
}

static void fork_and_log(int go)
{
	int status = 0;
	last_words(go);
	log_flush();
	const pid_t pid = fork();
	if (pid == 0) {
		log_error("child");
		_exit(3);
	}
	(void)waitpid(pid, &status, 0);
	exit(WEXITSTATUS(status));
}

static void a_forked_process_logs_without_the_thread(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	const char *text = NULL;
	const int status = in_child(arena, fork_and_log, &text);
	assert_int_equal(WEXITSTATUS(status), 3);
	assert_int_equal(count(text, "\"last\""), 1);
	assert_int_equal(count(text, "\"child\""), 1);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_one_json_object),
		cmocka_unit_test(numbers_are_numbers),
		cmocka_unit_test(what_is_no_number_is_a_string),
		cmocka_unit_test(the_time_is_rfc_3339_in_utc),
		cmocka_unit_test(levels_above_the_limit_are_dropped),
		cmocka_unit_test(nobody_can_forge_a_line),
		cmocka_unit_test(no_character_steers_the_reader),
		cmocka_unit_test(a_long_line_is_cut_and_says_so),
		cmocka_unit_test(a_reader_that_stalls_stops_nobody_and_is_told_what_it_missed),
		cmocka_unit_test(the_end_waits_a_bounded_time_for_the_reader),
		cmocka_unit_test(the_last_lines_are_written_before_the_end),
		cmocka_unit_test(a_forked_process_logs_without_the_thread),
	};
	return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
