/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* pthread_cond_clockwait, pthread_setname_np */
#include "idp/base/log_queue.h"
#include "idp/base/log.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define QUEUE_LEN ((size_t)512 * 1024) /* bytes: some 2,000 lines */
#define DIRECT_WAIT_MS 250

/* With the role and the level in log.c the one state that is no argument: see there. */
static struct {
	pthread_mutex_t mutex;
	pthread_cond_t filled, drained;
	bool runs; /* the thread does */
	bool writing; /* it has taken lines that are not written yet */
	uint64_t dropped; /* lines, since the last "log.dropped" */
	size_t start, end; /* of the lines that wait, in bytes */
	char bytes[QUEUE_LEN];
} queue = {.mutex = PTHREAD_MUTEX_INITIALIZER,
	.filled = PTHREAD_COND_INITIALIZER,
	.drained = PTHREAD_COND_INITIALIZER};

static bool is_writable(int wait_ms)
{
	struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
	return poll(&out, 1, wait_ms) == 1;
}

/* False: standard error is broken. A reader that stalls is waited for. */
static bool write_all(const char *bytes, size_t len)
{
	while (len > 0) {
		const ssize_t n = write(STDERR_FILENO, bytes, len);
		if (n < 0 && errno == EAGAIN)
			(void)is_writable(-1);
		else if (n < 0 && errno != EINTR)
			return false;
		bytes += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* With the mutex held: is there space for len more bytes after the last line? */
static bool make_room(size_t len)
{
	if (QUEUE_LEN - queue.end >= len)
		return true;
	if (QUEUE_LEN - (queue.end - queue.start) < len || queue.start < QUEUE_LEN / 4)
		return false;
	memmove(queue.bytes, queue.bytes + queue.start, queue.end - queue.start);
	queue.end -= queue.start;
	queue.start = 0;
	return true;
}

static void put(const char *line, size_t len)
{
	if (!make_room(len)) {
		queue.dropped++;
		return;
	}
	memcpy(queue.bytes + queue.end, line, len);
	queue.end += len;
	if (!queue.writing)
		pthread_cond_signal(&queue.filled);
}

void log_queue_put(const char *line, size_t len)
{
	pthread_mutex_lock(&queue.mutex);
	const bool runs = queue.runs;
	if (runs)
		put(line, len);
	pthread_mutex_unlock(&queue.mutex);
	if (!runs && is_writable(DIRECT_WAIT_MS))
		(void)write_all(line, len);
}

/* With the mutex held: as many whole lines as fit. */
static size_t take(char batch[static LOG_LINE_MAX])
{
	const char *from = queue.bytes + queue.start;
	size_t len = queue.end - queue.start;
	if (len > LOG_LINE_MAX) {
		const char *last = memrchr(from, '\n', LOG_LINE_MAX);
		len = last ? (size_t)(last - from) + 1 : LOG_LINE_MAX;
	}
	memcpy(batch, from, len);
	queue.start += len;
	if (queue.start == queue.end)
		queue.start = queue.end = 0; /* the same few pages again */
	return len;
}

static uint64_t count_lines(const char *bytes, size_t len)
{
	uint64_t n = 0;
	for (size_t i = 0; i < len; i++)
		n += bytes[i] == '\n';
	return n;
}

/* With the mutex held, which it lets go meanwhile. */
static void report_dropped(void)
{
	char text[24];
	if (queue.dropped == 0 || queue.end - queue.start > QUEUE_LEN / 2)
		return;
	(void)snprintf(text, sizeof text, "%llu", (unsigned long long)queue.dropped);
	queue.dropped = 0;
	pthread_mutex_unlock(&queue.mutex);
	log_warn("log.dropped", LOG_NUMBER("lines"), text);
	pthread_mutex_lock(&queue.mutex);
}

static void *writer_main(void *arg)
{
	char batch[LOG_LINE_MAX];
	(void)arg;
	pthread_mutex_lock(&queue.mutex);
	for (;;) {
		queue.writing = false;
		while (queue.start == queue.end) {
			pthread_cond_broadcast(&queue.drained);
			pthread_cond_wait(&queue.filled, &queue.mutex);
		}
		queue.writing = true;
		const size_t len = take(batch);
		pthread_mutex_unlock(&queue.mutex);
		const bool good = write_all(batch, len);
		pthread_mutex_lock(&queue.mutex);
		if (good)
			report_dropped();
		else
			queue.dropped += count_lines(batch, len);
	}
	return NULL;
}

static void before_fork(void)
{
	pthread_mutex_lock(&queue.mutex);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&queue.mutex);
}

/* The thread stays with the parent, and so do the lines that wait. */
static void in_child(void)
{
	queue.runs = queue.writing = false;
	queue.start = queue.end = 0;
	queue.dropped = 0;
	pthread_mutex_unlock(&queue.mutex);
}

/* Signals are for the threads that wait for them. */
static int start_thread(pthread_t *thread)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	const int rc = pthread_create(thread, NULL, writer_main, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

struct result log_queue_start(void)
{
	pthread_t thread;
	if (queue.runs)
		return OK;
	if (pthread_atfork(before_fork, after_fork, in_child) != 0 || start_thread(&thread) != 0)
		FAIL(ERR_IO);
	(void)pthread_setname_np(thread, "log");
	(void)pthread_detach(thread);
	pthread_mutex_lock(&queue.mutex);
	queue.runs = true;
	pthread_mutex_unlock(&queue.mutex);
	return OK;
}

void log_queue_flush(int64_t most_ms)
{
	struct timespec until;
	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += most_ms % 1000 * 1000000;
	until.tv_sec += most_ms / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	int rc = 0;
	pthread_mutex_lock(&queue.mutex);
	while (queue.runs && (queue.writing || queue.start != queue.end) && rc == 0)
		rc = pthread_cond_clockwait(&queue.drained, &queue.mutex, CLOCK_MONOTONIC, &until);
	pthread_mutex_unlock(&queue.mutex);
}
