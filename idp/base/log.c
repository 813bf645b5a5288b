/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/log.h"
#include "idp/base/log_queue.h"
#include "idp/base/str.h"
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TEXT_MAX_LEN 1024 /* bytes of one value, before escaping */
#define NUMBER_MAX_LEN 32
#define TAIL_LEN 16 /* kept free for what closes the line */
#define FLUSH_MS 500

/* The role is set once at start, before any thread: the one exception to "no globals", for a log
 * that is needed in every corner would otherwise be an argument of every function. */
static const char *log_role = "pratu";
static _Atomic(enum log_level) log_limit = LOG_LEVEL_INFO;

enum log_level log_level_named(const char *name)
{
	static const char *const names[] = {[LOG_LEVEL_ERROR] = "error",
		[LOG_LEVEL_WARN] = "warn",
		[LOG_LEVEL_INFO] = "info",
		[LOG_LEVEL_DEBUG] = "debug"};
	for (enum log_level level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_DEBUG; level++)
		if (str_eq(name, names[level]))
			return level;
	return LOG_LEVEL_INFO;
}

void log_open(const char *role, enum log_level level)
{
	log_role = role;
	log_set_level(level);
}

void log_set_level(enum log_level level)
{
	atomic_store(&log_limit, level);
}

struct result log_start(void)
{
	TRY(log_queue_start());
	if (atexit(log_flush) != 0)
		FAIL(ERR_IO);
	return OK;
}

void log_flush(void)
{
	log_queue_flush(FLUSH_MS);
}

struct line {
	char text[LOG_LINE_MAX];
	size_t len;
	bool full;
};

static void put(struct line *line, const char *text, size_t len)
{
	if (line->full || line->len + len > LOG_LINE_MAX - TAIL_LEN) {
		line->full = true;
		return;
	}
	memcpy(line->text + line->len, text, len);
	line->len += len;
}

static void put_escaped(struct line *line, uint32_t point)
{
	char escape[16];
	const int len = snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)point);
	if (len > 0)
		put(line, escape, (size_t)len);
}

/* One character, or one byte of what is no UTF-8. Returns its length. */
static size_t put_char(struct line *line, const char *text, size_t left, bool utf8)
{
	uint32_t point = (unsigned char)text[0];
	const size_t len = utf8 ? str_utf8_char(text, left, &point) : 1;
	const bool escape = point == '"' || point == '\\' || str_is_control(point);
	if (escape || (point > 0x7f && !utf8))
		put_escaped(line, point);
	else
		put(line, text, len);
	return len;
}

/* A JSON string. Text that is no UTF-8 shows its bytes beyond ASCII as escapes of the same number.
 */
static void put_string(struct line *line, const char *text)
{
	size_t len = strnlen(text, TEXT_MAX_LEN);
	while (len == TEXT_MAX_LEN && len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--; /* not in the middle of a character */
	bool utf8 = str_utf8_valid(text, len);
	put(line, "\"", 1);
	for (size_t i = 0; i < len;)
		i += put_char(line, text + i, len - i, utf8);
	put(line, "\"", 1);
}

static const char *skip_digits(const char *at)
{
	while (*at >= '0' && *at <= '9')
		at++;
	return at;
}

/* A JSON number (RFC 8259 s6) without an exponent: what we write ourselves. */
static bool is_number(const char *text)
{
	const char *const digits = text[0] == '-' ? text + 1 : text;
	const char *at = skip_digits(digits);
	if (at == digits || (digits[0] == '0' && at > digits + 1))
		return false;
	if (at[0] == '.' && at[1] != '\0')
		at = skip_digits(at + 1);
	return *at == '\0' && at - text <= NUMBER_MAX_LEN;
}

/* ,"name":"value" or, where that does not fit, nothing. */
static void put_pair(struct line *line, const char *name, const char *value)
{
	size_t before = line->len;
	const bool marked = name[0] == '#';
	put(line, ",", 1);
	put_string(line, marked ? name + 1 : name);
	put(line, ":", 1);
	if (marked && is_number(value))
		put(line, value, strlen(value));
	else
		put_string(line, value);
	if (line->full)
		line->len = before;
}

static void put_time(struct line *line)
{
	char seconds[32] = "", whole[48];
	struct timespec now = {0};
	struct tm utc = {0};
	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (gmtime_r(&now.tv_sec, &utc))
		(void)strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &utc);
	int len = snprintf(
		whole, sizeof(whole), "{\"time\":\"%s.%03ldZ\"", seconds, now.tv_nsec / 1000000);
	if (len > 0)
		put(line, whole, (size_t)len);
}

static void put_head(struct line *line, enum log_level level, const char *what)
{
	static const char *const names[] = {"none", "error", "warn", "info", "debug"};
	char pid[24];
	put_time(line);
	put_pair(line, "level", names[level]);
	put_pair(line, "role", log_role);
	int len = snprintf(pid, sizeof(pid), ",\"pid\":%ld", (long)getpid());
	if (len > 0)
		put(line, pid, (size_t)len);
	put_pair(line, "what", what);
}

static void put_tail(struct line *line)
{
	const char *tail = line->full ? ",\"cut\":true}\n" : "}\n";
	size_t len = strlen(tail);
	memcpy(line->text + line->len, tail, len);
	line->len += len;
}

void log_write(enum log_level level, const char *what, ...)
{
	if (level > log_limit)
		return;
	struct line line = {.len = 0};
	put_head(&line, level, what);
	va_list args;
	va_start(args, what);
	for (const char *name = va_arg(args, const char *); name;
		name = va_arg(args, const char *)) {
		const char *value = va_arg(args, const char *);
		if (value)
			put_pair(&line, name, value);
	}
	va_end(args);
	put_tail(&line);
	log_queue_put(line.text, line.len);
}

void log_die(const char *what, const char *why)
{
	if (log_limit < LOG_LEVEL_ERROR)
		log_limit = LOG_LEVEL_ERROR; /* a command line has no log but this line */
	log_error(what, "error", why);
	log_flush();
	abort();
}
