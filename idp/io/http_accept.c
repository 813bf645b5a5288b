/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* accept4 */
#include "idp/base/clock.h"
#include "idp/base/log.h"
#include "idp/io/http_impl.h"
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define ACCEPT_AT_ONCE 8 /* then those that are accepted get on */

/* Is there a place for one more? */
static bool has_place(const struct http_loop *loop)
{
	return loop->n_conns < loop->n_max;
}

/* EPOLLEXCLUSIVE: a new connection wakes one loop that waits, not all of them. Such a member of the
 * set cannot be changed, only removed and added again. */
void http_accept_listen(struct http_loop *loop)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.fd = loop->listen_fd};
	if (loop->listening || loop->quiesced || loop->starved || !has_place(loop))
		return;
	loop->listening = epoll_ctl(loop->events_fd, EPOLL_CTL_ADD, loop->listen_fd, &event) == 0;
}

static void pause_listening(struct http_loop *loop)
{
	if (loop->listening)
		(void)epoll_ctl(loop->events_fd, EPOLL_CTL_DEL, loop->listen_fd, NULL);
	loop->listening = false;
}

static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* Who waits goes on waiting, and the socket stays readable: without a rest until the next sweep the
 * loop would turn without end. */
static void starve(struct http_loop *loop, int error)
{
	const int64_t now_us = clock_monotonic_us();
	loop->starved = true;
	if (now_us - loop->full_logged_us < HTTP_FULL_LOG_US)
		return;
	loop->full_logged_us = now_us;
	log_warn("http.accept", "error", strerror(error));
}

/* False: nobody waits, or no descriptor is to be had. */
static bool accept_one(struct http_loop *loop)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof peer;
	struct sockaddr *const at = (struct sockaddr *)(void *)&peer;
	const int fd = accept4(loop->listen_fd, at, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		const int error = errno;
		if (is_shortage(error))
			starve(loop, error);
		return error == ECONNABORTED || error == EINTR;
	}
	/* What the library does not take, it closes. */
	(void)MHD_add_connection(loop->daemon, fd, at, len);
	return true;
}

void http_accept_some(struct http_loop *loop)
{
	for (int i = 0; i < ACCEPT_AT_ONCE && has_place(loop); i++)
		if (!accept_one(loop))
			break;
	if (loop->starved || !has_place(loop))
		pause_listening(loop);
}

void http_accept_stop(struct http_loop *loop)
{
	pause_listening(loop);
	loop->quiesced = true;
}
