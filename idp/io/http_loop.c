/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/clock.h"
#include "idp/base/heap.h"
#include "idp/base/log.h"
#include "idp/io/http_impl.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Half of it is the first read buffer, so that a head of HTTP_HEADER_MAX fits; the rest is for its
 * fields' records and the answer's head. Above 32 KiB the library maps it: it costs nothing until
 * the first request, and is returned to the system when freed. In between the library wipes it, so
 * that an idle connection holds all of it, beside 11 KiB of a TLS session: IDLE_MAX bounds that. */
#define MEMORY_PER_CONNECTION 36864
#define TRIM_AFTER 64 /* connections closed */

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

static void look_after(struct http_loop *loop)
{
	const int64_t now_us = clock_monotonic_us();
	http_conn_evict(loop, now_us);
	if (now_us - loop->swept_us < HTTP_TICK_MS * INT64_C(1000))
		return;
	loop->swept_us = now_us;
	http_conn_sweep(loop, now_us);
	http_linger_sweep(&loop->linger, now_us);
	if (loop->n_closed < TRIM_AFTER)
		return;
	/* What their TLS sessions leave behind lies between others', and would stay. */
	loop->n_closed = 0;
	heap_trim();
}

static void finish_loop(struct http_loop *loop)
{
	if (!loop->quiesced)
		(void)MHD_quiesce_daemon(loop->daemon);
	loop->quiesced = true;
	http_conn_close_idle(loop);
}

/* At most a tick. The library has no means of its own in this mode to be woken when a connection is
 * to be resumed. */
static void wait_for_events(struct http_loop *loop)
{
	MHD_UNSIGNED_LONG_LONG left_ms = HTTP_TICK_MS;
	const int library_fd =
		MHD_get_daemon_info(loop->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	struct pollfd fds[] = {{library_fd, POLLIN, 0}, {loop->wake_fd, POLLIN, 0}};
	if (MHD_get_timeout(loop->daemon, &left_ms) != MHD_YES || left_ms > HTTP_TICK_MS)
		left_ms = HTTP_TICK_MS;
	if (loop->was_full && loop->n_conns < loop->n_max)
		left_ms = 0; /* only its next run listens again */
	loop->was_full = loop->n_conns >= loop->n_max;
	(void)poll(fds, 2, (int)left_ms);
	if ((fds[1].revents & POLLIN) == 0)
		return;
	eventfd_t count;
	(void)eventfd_read(loop->wake_fd, &count);
	/* Before the library looks for connections to resume, so that none is overlooked. */
	atomic_store(&loop->woken, false);
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
		look_after(loop);
		if (atomic_load(&server->stopping))
			finish_loop(loop);
	}
	return NULL;
}

static struct MHD_Daemon *daemon_new(struct http_loop *loop, int listen_fd)
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
			       (tls ? MHD_USE_TLS : 0u);
	return MHD_start_daemon(flags, 0, NULL, NULL, http_exchange_access, loop,
		MHD_OPTION_EXTERNAL_LOGGER, on_library_message, loop, MHD_OPTION_LISTEN_SOCKET,
		listen_fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)loop->n_max,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_PER_CONNECTION,
		MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped,
		NULL, MHD_OPTION_URI_LOG_CALLBACK, http_exchange_begin, loop,
		MHD_OPTION_NOTIFY_COMPLETED, http_exchange_completed, loop,
		MHD_OPTION_NOTIFY_CONNECTION, http_conn_notify, loop,
		tls ? MHD_OPTION_ARRAY : MHD_OPTION_END, secure, MHD_OPTION_END);
}

struct result http_loop_start(struct http_loop *loop)
{
	loop->listen_fd = fcntl(loop->server->listen_fd, F_DUPFD_CLOEXEC, 0);
	loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (loop->listen_fd < 0 || loop->wake_fd < 0)
		FAIL(ERR_IO);
	loop->daemon = daemon_new(loop, loop->listen_fd);
	if (!loop->daemon) {
		log_error("http.start", "error",
			"the library refuses, most likely tls_cert_file and tls_key_file");
		FAIL(ERR_CONFIG);
	}
	if (pthread_create(&loop->thread, NULL, loop_main, loop) != 0)
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
	if (loop->quiesced)
		close(loop->listen_fd); /* which the library then leaves to us */
	if (loop->wake_fd > 0)
		close(loop->wake_fd);
	http_linger_end(&loop->linger);
}
