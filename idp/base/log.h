/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One JSON object a line, to standard error. The encoder here is the only way into a log line.
 * Values that are secrets are never logged, and what an unauthenticated client sent is logged as
 * its hash. A reader of standard error that stalls stops nobody once log_start was called: lines
 * wait in a bounded queue, and what does not fit is counted and reported later as "log.dropped".
 */
#ifndef PRATU_BASE_LOG_H
#define PRATU_BASE_LOG_H

#include "idp/base/result.h"

enum log_level {
	LOG_LEVEL_NONE, /* only as a limit: nothing is written */
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

/* "error", "warn", "info" or "debug", as the settings have it; info for anything else. */
enum log_level log_level_named(const char *name);
/* Set once at start: the role's name goes into each line; lines above the level are dropped. */
void log_open(const char *role, enum log_level level);
/* Another limit, at any time. */
void log_set_level(enum log_level level);
/* From here on lines are queued and written by a thread of its own. Called once in each role, after
 * process_harden and before other threads are started; a process forked later begins without it.
 * ERR_IO. */
MUST_CHECK struct result log_start(void);
/* Wait until the queued lines are written, at most 500 ms. exit does so by itself; call it before
 * _exit. */
void log_flush(void);
/* Marks the name of a number, which stands in the line without quotes: its value is the text of a
 * JSON number of at most 32 characters (RFC 8259 s6). Any other text is written as a string. */
#define LOG_NUMBER(name) "#" name
/* what: a short dotted name ("http.request"); then name, value, name, value, ..., NULL. A name is a
 * constant; a NULL value is left out. */
void log_write(enum log_level level, const char *what, ...) __attribute__((sentinel));
/* Log an error as its last line, and abort: for a lack of memory, where nothing half made may go
 * on.
 */
_Noreturn void log_die(const char *what, const char *why);

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__, (char *)0)
#define log_warn(...) log_write(LOG_LEVEL_WARN, __VA_ARGS__, (char *)0)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__, (char *)0)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__, (char *)0)

#endif
