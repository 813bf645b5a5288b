/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files http*.c share, and nobody else includes.
 *
 * Each I/O thread (a loop) owns a libmicrohttpd daemon in external mode and runs it, and accepts
 * connections for it from the listening socket that all loops share. So everything that concerns a
 * connection happens on one thread: the library's callbacks, and between its turns our own look at
 * who is too slow. Only a request that is in a lane is on another thread, and then its connection
 * is suspended.
 */
#ifndef PRATU_IO_HTTP_IMPL_H
#define PRATU_IO_HTTP_IMPL_H

#include "idp/io/http.h"
#include "idp/io/http_hygiene.h"
#include "idp/io/http_reap.h"
#include "idp/io/http_tls.h"
#include "idp/io/lane.h"
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#define HTTP_LOOPS 2
#define HTTP_TICK_MS 250
#define HTTP_RANDOM_LEN 1024
#define HTTP_FULL_LOG_US INT64_C(5000000) /* at most one line so often that something is full */

struct http_exchange;
struct http_loop;

/* ---- http_conn.c: a connection's life. All of it on its loop's thread. */

struct http_conn {
	struct http_conn *prev, *next; /* of the loop */
	struct http_loop *loop;
	struct MHD_Connection *mhd;
	struct http_exchange *exchange; /* the request under way, or NULL */
	int fd;
	enum http_state state;
	bool secured; /* the TLS handshake is over, or there is none */
	bool lingers; /* a refusal was sent with bytes of the client not yet received */
	bool silent; /* not a byte was received, as of the last sweep */
	bool doomed; /* shut down by us; the library has yet to notice */
	int64_t since_us; /* in this state */
	uint64_t
		bytes_seen; /* received up to the end of the last request; 0 before there was one */
	char peer[INET6_ADDRSTRLEN];
};

/* libmicrohttpd's callback for a connection that begins or ends; the loop's thread. */
void http_conn_notify(void *loop, struct MHD_Connection *mhd, void **context,
	enum MHD_ConnectionNotificationCode code);
/* The record of one of the library's connections; NULL: none was made for it. */
struct http_conn *http_conn_of(struct MHD_Connection *mhd);
/* Set the connection's state, and the time at which it began. */
void http_conn_enter(struct http_conn *conn, enum http_state state);
/* The request under way, of len bytes, was received completely. */
void http_conn_request_ends(struct http_conn *conn, size_t len);
/* The library is about to send a refusal of its own on some connection of the loop: answer in its
 * place, and shut down for sending. It does not tell which connection. That of a whole head (a
 * broken Content-Length, so) is always found; another one, if it alone can be meant. Otherwise does
 * nothing. */
void http_conn_refuse(struct http_loop *loop, const struct http_refusal *refusal);
/* Look at all of them. */
void http_conn_sweep(struct http_loop *loop, int64_t now_us);
/* Close idle connections when the loop is nearly full. */
void http_conn_evict(struct http_loop *loop, int64_t now_us);
/* After the stop: close those on which nothing is under way, and was not for long enough. Returns
 * how many are open. */
int http_conn_leave(struct http_loop *loop, int64_t now_us);

/* ---- http_linger.c: sockets that are closed but for reading off what is still coming, so that the
 * refusal is not lost in a reset (RFC 9112 s9.6). */

#define HTTP_LINGER_MAX 128
struct http_linger {
	int n, n_max; /* at most HTTP_LINGER_MAX */
	struct {
		int fd;
		int64_t until_us;
	} items[HTTP_LINGER_MAX];
};
/* Keep a duplicate of fd, which the library is about to close. */
void http_linger_add(struct http_linger *linger, int fd, int64_t now_us);
void http_linger_sweep(struct http_linger *linger, int64_t now_us);
void http_linger_end(struct http_linger *linger);

/* ---- http_accept.c: who is let in. All of it on the loop's thread. */

/* Have the listening socket wake the loop, if it has a place for one more connection. */
void http_accept_listen(struct http_loop *loop);
/* Accept some of those that wait, as far as there are places. */
void http_accept_some(struct http_loop *loop);
/* Accept nobody from here on. */
void http_accept_stop(struct http_loop *loop);

/* ---- http_loop.c: an I/O thread. */

struct http_loop {
	struct http_server *server;
	struct MHD_Daemon *daemon;
	pthread_t thread;
	bool started;
	bool listening; /* the listening socket is in the set of events */
	bool quiesced; /* nothing is accepted any more */
	bool starved; /* no descriptor was to be had: nothing is accepted until the next sweep */
	bool hurried; /* the last turn did not wait */
	int listen_fd; /* the server's */
	int events_fd; /* an epoll set: of the library, wake_fd, listen_fd */
	int wake_fd; /* an eventfd */
	atomic_bool woken; /* wake_fd was written, and the loop has not noticed yet */
	struct http_conn *conns; /* a list */
	int64_t n_conns, n_idle, n_doomed;
	int64_t n_max;
	int64_t n_closed; /* since memory was last returned to the system */
	int64_t swept_us, trimmed_us, full_logged_us;
	int64_t left_us; /* when http_conn_leave was last called */
	uint8_t random[HTTP_RANDOM_LEN]; /* for correlation ids, which are no secrets */
	size_t random_left;
	atomic_int n_busy; /* open connections, as of the last look after the stop began */
	struct http_linger linger;
};

/* Start the loop's daemon and thread; the caller has filled in loop. ERR_IO; ERR_CONFIG: the
 * library refused, which was logged. */
MUST_CHECK struct result http_loop_start(struct http_loop *loop);
/* Wake the loop, so that it checks its state now. Any thread. */
void http_loop_wake(struct http_loop *loop);
/* An answer is ready: resume the connection. Any thread. */
void http_loop_resume(struct http_loop *loop, struct MHD_Connection *mhd);
/* Join the thread and release. */
void http_loop_end(struct http_loop *loop);

/* ---- http_exchange.c: one request and its answer. */

enum http_stage {
	HTTP_STAGE_HEAD, /* the request line is here */
	HTTP_STAGE_BODY,
	HTTP_STAGE_LANE, /* with a worker; the connection is suspended */
	HTTP_STAGE_READY, /* the answer is made */
	HTTP_STAGE_SENT, /* passed to the library */
};

struct http_exchange {
	struct lane_job job; /* first */
	struct http_conn *conn;
	struct http_request request;
	struct http_response response;
	struct MHD_Response *made;
	enum http_stage stage;
	enum http_lane lane;
	const char *target; /* as received, in the arena */
	const char *target_at; /* its address in the read buffer: only compared */
	size_t target_len;
	char *body; /* malloc: grows as bytes are received, so that a large Content-Length alone
		       costs nothing */
	size_t head_len, body_len, body_cap, body_promised;
	bool closes; /* the connection ends with this answer */
	int64_t began_us;
	const char *reason; /* of a refusal, for the log */
	bool logged;
};

/* libmicrohttpd's callbacks, in the loop's thread: the request line is read; the head or a part of
 * the body was received, or the connection was resumed with an answer; the exchange has ended. */
void *http_exchange_begin(void *loop, const char *uri, struct MHD_Connection *mhd);
enum MHD_Result http_exchange_access(void *loop, struct MHD_Connection *mhd, const char *url,
	const char *method, const char *version, const char *data, size_t *data_len,
	void **context);
void http_exchange_completed(void *loop, struct MHD_Connection *mhd, void **context,
	enum MHD_RequestTerminationCode code);
/* A lane's worker, and its dropping of what waited. */
void http_exchange_work(void *lane, int worker, struct lane_job *job);
void http_exchange_drop(void *lane, struct lane_job *job);
/* Have the application make a refusal and note it in the log; the bytes of it. */
const char *http_exchange_refusal(
	struct http_exchange *exchange, const struct http_refusal *refusal, size_t *len);
/* NULL-safe. */
void http_exchange_free(struct http_exchange *exchange);

/* ---- http_head.c: from the library's pieces to struct http_request. */

/* Check the head and copy its fields into the request. */
struct http_refusal http_head_read(
	struct http_exchange *exchange, const char *method, const char *version);
/* Path, query, address. */
struct http_refusal http_head_resolve(struct http_exchange *exchange);

/* ---- http_answer.c: from struct http_response to the library, or to the bare socket. */

/* Any thread. */
struct MHD_Response *http_answer_make(const struct http_exchange *exchange);
/* The bytes of a refusal, for a connection on which the library will not answer any more. */
const char *http_answer_bytes(const struct http_exchange *exchange, size_t *len);

/* ---- http.c */

struct http_server {
	const struct settings *settings;
	struct http_app app;
	struct http_tls *tls; /* NULL: plain */
	struct http_limits limits;
	int listen_fd;
	struct lane *lanes[HTTP_LANES]; /* NULL: inline */
	atomic_llong full_logged_us[HTTP_LANES];
	atomic_llong inline_done;
	struct http_loop loops[HTTP_LOOPS];
	int64_t stopped_us, leave_for_us; /* set before stopping: since when, and how long
					     connections are accepted and may be idle then */
	atomic_bool stopping; /* each answer is the last of its connection */
	atomic_bool ending; /* loops return */
};

#endif
