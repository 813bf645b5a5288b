/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/clock.h"
#include "idp/base/heap.h"
#include "idp/base/log.h"
#include "idp/io/http_impl.h"
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Half of it is the first read buffer, so that a head of HTTP_HEADER_MAX fits; the rest is for its
 * fields' records and the answer's head. Above 32 KiB the library maps it: it costs nothing until
 * the first request, and is returned to the system when freed. In between the library wipes it, so
 * that an idle connection holds all of it, beside 11 KiB of a TLS session: IDLE_MAX bounds that. */
#define MEMORY_PER_CONNECTION 36864
#define TRIM_AFTER 64 /* connections closed */
#define TRIM_EVERY_US 50000
#define LEAVE_EVERY_US 10000

/* How the library's message begins when it is about to refuse a request by itself; the status is
 * its first argument. The answer of 0.9.75 to a broken Content-Length has its head twice. */
static const char refusing[] = "Error processing request (HTTP response code is %u";

static const char *reason_of(unsigned status)
{
	static const struct http_refusal reasons[] = {{413, "body_too_large"},
		{414, "line_too_long"}, {431, "head_too_large"}, {505, "version"}};
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (reasons[i].status == (int)status)
			return reasons[i].reason;
	return "malformed";
}

static void __attribute__((format(printf, 2, 0)))
on_library_message(void *arg, const char *format, va_list args)
{
	char text[256];
	va_list again;
	va_copy(again, args);
	(void)vsnprintf(text, sizeof text, format, args);
	log_debug("http.library", "message", text);
	if (strncmp(format, refusing, sizeof refusing - 1) == 0) {
		const unsigned status = va_arg(again, unsigned);
		http_conn_refuse(arg, &(struct http_refusal){(int)status, reason_of(status)});
	}
	va_end(again);
}

/* Nothing is unescaped for us: the text is parsed once, elsewhere. */
static size_t leave_escaped(void *arg, struct MHD_Connection *mhd, char *text)
{
	(void)arg;
	(void)mhd;
	size_t len = 0;
	while (text[len] != '\0')
		len++;
	return len;
}

/* What their TLS sessions leave behind lies between others', and would stay. It takes 0.01 to 1.3
 * ms, most where much is returned; so only every TRIM_EVERY_US, however many connections are opened
 * and closed. */
static void trim(struct http_loop *loop, int64_t now_us)
{
	if (loop->n_closed < TRIM_AFTER || now_us - loop->trimmed_us < TRIM_EVERY_US)
		return;
	loop->n_closed = 0;
	loop->trimmed_us = now_us;
	heap_trim();
}

static void check_connections(struct http_loop *loop)
{
	const int64_t now_us = clock_monotonic_us();
	http_conn_evict(loop, now_us);
	trim(loop, now_us);
	if (now_us - loop->swept_us < HTTP_TICK_MS * INT64_C(1000))
		return;
	loop->swept_us = now_us;
	loop->starved = false;
	http_conn_sweep(loop, now_us);
	http_linger_sweep(&loop->linger, now_us);
}

/* Not at each turn: it looks at every connection. */
static void finish_loop(struct http_loop *loop)
{
	const struct http_server *server = loop->server;
	const int64_t now_us = clock_monotonic_us();
	if (now_us - loop->left_us < LEAVE_EVERY_US)
		return;
	loop->left_us = now_us;
	const int open = http_conn_leave(loop, now_us);
	if (open == 0 || now_us - server->stopped_us >= server->leave_for_us)
		http_accept_stop(loop);
	atomic_store(&loop->n_busy, open);
}

/* A tick where there is anything to look at: connections that may be too slow, sockets that are
 * read off, memory to return. Without, until something happens. */
static int longest_wait_ms(const struct http_loop *loop)
{
	const bool rests = loop->n_conns == 0 && loop->linger.n == 0 &&
			   loop->n_closed < TRIM_AFTER && !loop->starved;
	return rests && !atomic_load(&loop->server->stopping) ? -1 : HTTP_TICK_MS;
}

/* 0: the library has work at hand. -1: without end. */
static int library_wait_ms(const struct http_loop *loop)
{
	MHD_UNSIGNED_LONG_LONG left_ms = 0;
	const int longest_ms = longest_wait_ms(loop);
	if (MHD_get_timeout(loop->daemon, &left_ms) != MHD_YES)
		return longest_ms;
	return longest_ms < 0 || left_ms < (MHD_UNSIGNED_LONG_LONG)longest_ms ? (int)left_ms
									      : longest_ms;
}

/* The library has no means of its own in this mode to be woken when a connection is to be resumed.
 * Where it has work at hand, it is asked at once; but not twice in turn, so that others get on. */
static void wait_for_events(struct http_loop *loop)
{
	struct epoll_event events[3];
	const int wait_ms = library_wait_ms(loop);
	loop->hurried = wait_ms == 0 && !loop->hurried;
	if (loop->hurried)
		return;
	const int n = epoll_wait(loop->events_fd, events, 3, wait_ms);
	for (int i = 0; i < n; i++) {
		/* Before the library looks for connections to resume, so that none is overlooked.
		 */
		if (events[i].data.fd == loop->wake_fd)
			atomic_store(&loop->woken, false);
		if (events[i].data.fd == loop->listen_fd)
			http_accept_some(loop);
	}
}

void http_loop_wake(struct http_loop *loop)
{
	if (!atomic_exchange(&loop->woken, true))
		(void)eventfd_write(loop->wake_fd, 1);
}

void http_loop_resume(struct http_loop *loop, struct MHD_Connection *mhd)
{
	MHD_resume_connection(mhd);
	http_loop_wake(loop);
}

static void *loop_main(void *arg)
{
	struct http_loop *loop = arg;
	struct http_server *server = loop->server;
	while (!atomic_load(&server->ending)) {
		wait_for_events(loop);
		if (MHD_run(loop->daemon) != MHD_YES)
			log_error("http.loop", "error", "the library's run failed");
		check_connections(loop);
		http_accept_listen(loop);
		if (atomic_load(&server->stopping))
			finish_loop(loop);
	}
	return NULL;
}

static struct MHD_Daemon *daemon_new(struct http_loop *loop)
{
	const struct http_tls *tls = loop->server->tls;
	union {
		const char *text;
		void *pointer;
	} certificate = {tls ? http_tls_certificate(tls) : NULL},
	  key = {tls ? http_tls_key(tls) : NULL}, priorities = {http_tls_priorities};
	struct MHD_OptionItem secure[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, certificate.pointer},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, key.pointer},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, priorities.pointer},
		{MHD_OPTION_END, 0, NULL},
	};
	const unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
			       MHD_USE_NO_LISTEN_SOCKET | (tls ? MHD_USE_TLS : 0u);
	return MHD_start_daemon(flags, 0, NULL, NULL, http_exchange_access, loop,
		MHD_OPTION_EXTERNAL_LOGGER, on_library_message, loop, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)loop->n_max, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)MEMORY_PER_CONNECTION, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
		MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL, MHD_OPTION_URI_LOG_CALLBACK,
		http_exchange_begin, loop, MHD_OPTION_NOTIFY_COMPLETED, http_exchange_completed,
		loop, MHD_OPTION_NOTIFY_CONNECTION, http_conn_notify, loop,
		tls ? MHD_OPTION_ARRAY : MHD_OPTION_END, secure, MHD_OPTION_END);
}

/* data.fd: the descriptor itself. */
static bool watch_fd(const struct http_loop *loop, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};
	return epoll_ctl(loop->events_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* The eventfd is never read: each write to it is an edge. */
static bool watch_events(const struct http_loop *loop)
{
	const int library_fd =
		MHD_get_daemon_info(loop->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	return watch_fd(loop, library_fd, EPOLLIN) &&
	       watch_fd(loop, loop->wake_fd, EPOLLIN | EPOLLET);
}

struct result http_loop_start(struct http_loop *loop)
{
	loop->listen_fd = loop->server->listen_fd;
	loop->events_fd = epoll_create1(EPOLL_CLOEXEC);
	loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (loop->events_fd < 0 || loop->wake_fd < 0)
		FAIL(ERR_IO);
	loop->daemon = daemon_new(loop);
	if (!loop->daemon) {
		log_error("http.start", "error",
			"the library refuses, most likely tls_cert_file and tls_key_file");
		FAIL(ERR_CONFIG);
	}
	if (!watch_events(loop))
		FAIL(ERR_IO);
	http_accept_listen(loop);
	if (!loop->listening || pthread_create(&loop->thread, NULL, loop_main, loop) != 0)
		FAIL(ERR_IO);
	loop->started = true;
	return OK;
}

void http_loop_end(struct http_loop *loop)
{
	if (loop->started)
		pthread_join(loop->thread, NULL);
	loop->started = false;
	if (loop->daemon)
		MHD_stop_daemon(loop->daemon);
	loop->daemon = NULL;
	if (loop->events_fd > 0)
		close(loop->events_fd);
	if (loop->wake_fd > 0)
		close(loop->wake_fd);
	http_linger_end(&loop->linger);
}
