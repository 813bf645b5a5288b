/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way of finished log lines to standard error; only log.c includes it. Until log_queue_start
 * a line is written at once, if standard error accepts it within a short wait. After it, lines go
 * into a bounded queue that a thread of its own writes, so that a reader that stalls stops nobody;
 * what does not fit is counted, and "log.dropped" tells how many once lines are read again.
 */
#ifndef PRATU_BASE_LOG_QUEUE_H
#define PRATU_BASE_LOG_QUEUE_H

#include "idp/base/result.h"
#include <stddef.h>
#include <stdint.h>

#define LOG_LINE_MAX \
	4096 /* bytes: PIPE_BUF, so that a line written to a pipe is never cut by another's */

/* Queue one line of len bytes (at most LOG_LINE_MAX), its line end included. Never waits once
 * the thread runs. */
void log_queue_put(const char *line, size_t len);
/* Start the thread. A process forked later begins without it. ERR_IO. */
MUST_CHECK struct result log_queue_start(void);
/* Wait until all lines are written, at most so many ms. Does nothing without the thread. */
void log_queue_flush(int64_t most_ms);

#endif
