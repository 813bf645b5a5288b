/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One JSON object a line, to standard error. The encoder here is the only way into a log line.
 * Values that are secrets never come here.
 */
#ifndef PRATU_BASE_LOG_H
#define PRATU_BASE_LOG_H

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
/* what: a short dotted name ("http.request"); then name, value, name, value, ..., NULL. A NULL
 * value is left out. */
void log_write(enum log_level level, const char *what, ...) __attribute__((sentinel));

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__, (char *)0)
#define log_warn(...) log_write(LOG_LEVEL_WARN, __VA_ARGS__, (char *)0)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__, (char *)0)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__, (char *)0)

#endif
