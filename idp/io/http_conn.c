/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/clock.h"
#include "idp/base/log.h"
#include "idp/io/http_impl.h"
#include <arpa/inet.h>
#include <linux/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define EVICT_AT_ONCE 64 /* per look */
#define LOOK_MAX 256 /* connections asked which of them is refused */

struct http_conn *http_conn_of(struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	return info->socket_context;
}

/* The kernel's count: it shows that a request has begun, which the library reports only at the
 * end of its first line. */
static uint64_t bytes_received(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof info;
	memset(&info, 0, sizeof info);
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
		return 0;
	return info.tcpi_bytes_received;
}

static void describe_peer(struct http_conn *conn)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(conn->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *peer = info->client_addr;
	struct sockaddr_in6 six;
	struct sockaddr_in four;
	if (peer->sa_family == AF_INET) {
		memcpy(&four, peer, sizeof four);
		inet_ntop(AF_INET, &four.sin_addr, conn->peer, sizeof conn->peer);
	} else if (peer->sa_family == AF_INET6) {
		memcpy(&six, peer, sizeof six);
		if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr))
			inet_ntop(
				AF_INET, &six.sin6_addr.s6_addr[12], conn->peer, sizeof conn->peer);
		else
			inet_ntop(AF_INET6, &six.sin6_addr, conn->peer, sizeof conn->peer);
	}
}

static struct http_conn *conn_open(struct http_loop *loop, struct MHD_Connection *mhd)
{
	struct http_conn *conn = calloc(1, sizeof *conn);
	if (!conn)
		abort();
	conn->loop = loop;
	conn->mhd = mhd;
	conn->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	conn->state = HTTP_STATE_RECEIVING;
	conn->since_us = clock_monotonic_us();
	conn->secured = !loop->server->tls;
	describe_peer(conn);
	conn->next = loop->conns;
	if (conn->next)
		conn->next->prev = conn;
	loop->conns = conn;
	loop->n_conns++;
	return conn;
}

static void conn_close(struct http_conn *conn)
{
	struct http_loop *loop = conn->loop;
	/* In the middle of a request it ends because the library refused it, or the client went
	 * away. */
	const bool refused = conn->lingers || conn->state == HTTP_STATE_RECEIVING;
	if (refused && !conn->doomed)
		http_linger_add(&loop->linger, conn->fd, clock_monotonic_us());
	if (conn->state == HTTP_STATE_IDLE)
		loop->n_idle--;
	loop->n_doomed -= conn->doomed;
	loop->n_conns--;
	loop->n_closed++;
	if (conn->prev)
		conn->prev->next = conn->next;
	else
		loop->conns = conn->next;
	if (conn->next)
		conn->next->prev = conn->prev;
	http_exchange_free(conn->exchange);
	free(conn);
}

void http_conn_notify(void *loop, struct MHD_Connection *mhd, void **context,
	enum MHD_ConnectionNotificationCode code)
{
	struct http_loop *its = loop;
	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		conn_close(*context);
		*context = NULL;
		return;
	}
	*context = conn_open(its, mhd);
	if (its->server->tls)
		http_tls_prepare(its->server->tls, mhd);
}

/* Not when the answer is sent: the client may have read it, and begun the next request, before we
 * come to count. Within TLS, only the kernel can tell what a request was in bytes of the socket. */
void http_conn_request_ends(struct http_conn *conn, size_t len)
{
	if (conn->loop->server->tls)
		conn->bytes_seen = bytes_received(conn->fd);
	else
		conn->bytes_seen += len;
}

void http_conn_secured(struct MHD_Connection *mhd)
{
	http_conn_of(mhd)->secured = true;
}

void http_conn_enter(struct http_conn *conn, enum http_state state)
{
	if (conn->state == HTTP_STATE_IDLE)
		conn->loop->n_idle--;
	if (state == HTTP_STATE_IDLE)
		conn->loop->n_idle++;
	conn->state = state;
	conn->since_us = clock_monotonic_us();
}

/* Was anything of a request received? The bytes of a TLS handshake are none. */
static bool has_begun(const struct http_conn *conn)
{
	if (conn->exchange)
		return true;
	if (conn->loop->server->tls && conn->bytes_seen == 0)
		return conn->secured && http_tls_has_read(conn->mhd);
	return bytes_received(conn->fd) > conn->bytes_seen;
}

/* Past the library, as far as the socket takes it. */
static void send_refusal(struct http_conn *conn, int status, const char *reason)
{
	size_t len;
	if (!conn->exchange)
		conn->exchange = http_exchange_begin(conn->loop, "", conn->mhd);
	const char *bytes =
		http_exchange_refusal(conn->exchange, &(struct http_refusal){status, reason}, &len);
	if (conn->loop->server->tls)
		http_tls_send(conn->mhd, bytes, len);
	else
		(void)!send(conn->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static bool waits_for_head(const struct http_conn *conn)
{
	return conn->exchange && conn->exchange->stage == HTTP_STAGE_HEAD;
}

/* Of the requests whose head was not passed to us, only the library's current one has a known size.
 */
static struct http_conn *with_whole_head(const struct http_loop *loop)
{
	for (struct http_conn *conn = loop->conns; conn; conn = conn->next)
		if (!conn->doomed && waits_for_head(conn) &&
			MHD_get_connection_info(conn->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE))
			return conn;
	return NULL;
}

/* Might the library be reading a head from it now? */
static bool may_be_read(const struct http_conn *conn)
{
	if (conn->doomed)
		return true;
	if (conn->state == HTTP_STATE_HANDLING || conn->state == HTTP_STATE_SENDING)
		return false;
	return conn->exchange ? waits_for_head(conn) : has_begun(conn);
}

static struct http_conn *sole_read(const struct http_loop *loop)
{
	struct http_conn *found = NULL;
	if (loop->n_conns > LOOK_MAX)
		return NULL;
	for (struct http_conn *conn = loop->conns; conn; conn = conn->next) {
		if (!may_be_read(conn))
			continue;
		if (found || conn->doomed)
			return NULL;
		found = conn;
	}
	return found;
}

void http_conn_refuse(struct http_loop *loop, const struct http_refusal *refusal)
{
	struct http_conn *framed = with_whole_head(loop);
	struct http_conn *conn = framed ? framed : sole_read(loop);
	if (!conn)
		return;
	const bool length = framed && refusal->status == 400;
	send_refusal(conn, refusal->status, length ? "content_length" : refusal->reason);
	conn->exchange->stage = HTTP_STAGE_SENT;
	conn->lingers = true;
	http_conn_enter(conn, HTTP_STATE_SENDING);
	/* The library's own bytes then fail, and it closes; what the client sends is read off. */
	shutdown(conn->fd, SHUT_WR);
}

/* What a reader has not taken in its time does not stay in the kernel for it. */
static void reset_at_close(int fd)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

/* Too slow, or in the way of others: answer 408 where a request has begun and nothing was answered
 * yet, and shut down. */
static void dismiss(struct http_conn *conn)
{
	if (conn->doomed || conn->state == HTTP_STATE_HANDLING)
		return;
	if (conn->state == HTTP_STATE_IDLE && has_begun(conn)) {
		http_conn_enter(conn, HTTP_STATE_RECEIVING);
		return;
	}
	if (conn->state == HTTP_STATE_RECEIVING && conn->secured && has_begun(conn))
		send_refusal(conn, 408, "timeout");
	if (conn->state == HTTP_STATE_SENDING)
		reset_at_close(conn->fd);
	http_conn_enter(conn, HTTP_STATE_SENDING);
	conn->doomed = true;
	conn->loop->n_doomed++;
	/* The library sees the end of the stream, and releases the connection in its own time. */
	shutdown(conn->fd, SHUT_RDWR);
}

void http_conn_sweep(struct http_loop *loop, int64_t now_us)
{
	const struct http_limits *limits = &loop->server->limits;
	for (struct http_conn *conn = loop->conns; conn; conn = conn->next) {
		if (conn->doomed)
			continue;
		if (conn->state == HTTP_STATE_IDLE && bytes_received(conn->fd) > conn->bytes_seen)
			http_conn_enter(conn, HTTP_STATE_RECEIVING);
		conn->silent = conn->state == HTTP_STATE_RECEIVING && !conn->exchange &&
			       bytes_received(conn->fd) == 0;
		if (http_reap_due(limits, conn->state, now_us - conn->since_us, loop->n_idle))
			dismiss(conn);
	}
}

static struct http_conn *first_to_go(struct http_loop *loop, int64_t now_us)
{
	struct http_conn *found = NULL;
	int64_t highest = 0;
	for (struct http_conn *conn = loop->conns; conn; conn = conn->next) {
		const int64_t rank = conn->doomed
					     ? 0
					     : http_reap_rank(&loop->server->limits, conn->state,
						       conn->silent, now_us - conn->since_us);
		if (rank > highest) {
			highest = rank;
			found = conn;
		}
	}
	return found;
}

static void log_full(struct http_loop *loop, int64_t now_us)
{
	char n[24];
	if (now_us - loop->full_logged_us < HTTP_FULL_LOG_US)
		return;
	loop->full_logged_us = now_us;
	(void)snprintf(n, sizeof n, "%lld", (long long)loop->n_conns);
	log_warn("http.connections_full", LOG_NUMBER("connections_of_this_loop"), n);
}

void http_conn_evict(struct http_loop *loop, int64_t now_us)
{
	const int64_t reserve = loop->n_max / 16 + 1;
	const int64_t too_many = loop->n_conns - loop->n_doomed - (loop->n_max - reserve);
	const int64_t too_idle = loop->n_idle - loop->server->limits.idle_max;
	int64_t excess = too_many > too_idle ? too_many : too_idle;
	if (too_many > 0)
		log_full(loop, now_us);
	if (excess > EVICT_AT_ONCE)
		excess = EVICT_AT_ONCE;
	for (; excess > 0; excess--) {
		struct http_conn *conn = first_to_go(loop, now_us);
		if (!conn)
			return;
		dismiss(conn);
	}
}

/* A request that was sent may still be on its way: on an idle connection, or on one that was opened
 * a moment ago. */
static bool may_leave(const struct http_conn *conn, int64_t now_us)
{
	const struct http_server *server = conn->loop->server;
	const int64_t from_us =
		conn->since_us > server->stopped_us ? conn->since_us : server->stopped_us;
	if (conn->state == HTTP_STATE_IDLE)
		return now_us - from_us >= server->leave_for_us;
	return conn->state == HTTP_STATE_RECEIVING &&
	       now_us - from_us >= server->leave_for_us / 2 && !has_begun(conn);
}

int http_conn_leave(struct http_loop *loop, int64_t now_us)
{
	int open = 0;
	for (struct http_conn *conn = loop->conns; conn; conn = conn->next) {
		if (!conn->doomed && may_leave(conn, now_us))
			dismiss(conn);
		open += !conn->doomed;
	}
	return open;
}
