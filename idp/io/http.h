/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP; the only place that includes libmicrohttpd. It parses strictly, gives each request to a
 * lane as one const struct, and writes the answer. It knows nothing of endpoints, sessions or
 * cookies' meaning.
 *
 * Refused, and the connection closed: two framings or a doubtful one, folded or otherwise doubtful
 * head lines, repeated fields that must be single, no or two Hosts, NUL and other controls, %00
 * anywhere, dot segments, empty segments and backslashes in the path (400); a request that is not
 * whole within request_timeout_s of its first byte, however its bytes drip (408); a chunked body,
 * since no endpoint needs one (411); a body over HTTP_BODY_MAX, at its Content-Length (413); a line
 * (414), a head over HTTP_HEADER_MAX or more than 100 fields (431); a body that is encoded (415);
 * an expectation but 100-continue (417); a version but 1.0 and 1.1 (505).
 *
 * An answer may take six times as long as a request. A connection may wait 75 s for its next
 * request, 5 s if more than 128 do, and not at all if more than 256 do. When max_connections are
 * nearly reached the longest idle are closed, then those that have not sent a byte within 250 ms,
 * then those that have been sending their request for more than 2 s, the slowest first. There are
 * never more than there are descriptors for (RLIMIT_NOFILE). There is no limit by address: many
 * citizens share one.
 */
#ifndef PRATU_IO_HTTP_H
#define PRATU_IO_HTTP_H

#include "idp/base/arena.h"
#include "idp/base/params.h"
#include "idp/base/result.h"
#include "idp/base/settings.h"
#include <stdbool.h>

#define HTTP_BODY_MAX 65536
#define HTTP_HEADER_MAX 16384

enum http_method {
	HTTP_GET, /* HEAD arrives as GET; the adapter leaves the body out */
	HTTP_POST,
	HTTP_OPTIONS,
	HTTP_OTHER,
};

struct http_header {
	const char *name, *value;
};

struct http_request {
	struct arena *arena; /* lives until the answer is written */
	enum http_method method;
	const char *method_name;
	const char *path; /* decoded once; no NUL, no dot segments */
	const char *logged_path; /* for a log: the path if the application knows it, or else its
				    fingerprint, for a stranger may type anything there */
	const char *query_text; /* raw, without '?'; "" if none */
	const struct params *query; /* never NULL */
	enum params_verdict
		query_verdict; /* handlers of protocol endpoints answer it as invalid_request */
	const struct params *form; /* of a form body; never NULL */
	enum params_verdict form_verdict;
	bool has_form; /* Content-Type: application/x-www-form-urlencoded */
	const char *body;
	size_t body_len;
	const struct http_header *headers;
	size_t n_headers;
	const char *
		address; /* of the browser: X-Forwarded-For is believed only from trusted_proxies */
	const char *correlation_id; /* 22 characters base64url, new for each request */
};

/* The one value of a header (case-insensitive), NULL if absent. Repeated headers that must be
 * single were refused. */
const char *http_header(const struct http_request *request, const char *name);
/* A cookie by its exact name, in the arena; NULL if absent or given twice with different values. */
const char *http_cookie(const struct http_request *request, const char *name);

#define HTTP_RESPONSE_HEADERS 24
struct http_response {
	int status;
	const char *body; /* in the request's arena, or static */
	size_t body_len;
	size_t n_headers;
	struct http_header headers[HTTP_RESPONSE_HEADERS];
};

/* Add a header. CR, LF and NUL in a value are a bug of the caller: the header is dropped and the
 * fault logged. */
void http_add(struct http_response *response, const char *name, const char *value);
/* Status, Content-Type and a body in one. */
void http_body(struct http_response *response, int status, const char *content_type,
	const char *body, size_t len);
/* A 303 (or other) to location with an empty body. */
void http_redirect(struct http_response *response, int status, const char *location);

/* Which lane a request takes; decided on the I/O thread from the method and path alone. */
enum http_lane {
	HTTP_LANE_INLINE, /* answered at once on the I/O thread: must not wait */
	HTTP_LANE_QUICK,
	HTTP_LANE_SLOW,
	HTTP_LANES,
};

struct http_app {
	void *arg;
	/* The name under which the listening socket may have been handed to the process
	 * (idp/io/handed.h). NULL: it never is. */
	const char *socket;
	enum http_lane (*lane)(void *arg, enum http_method method, const char *path);
	/* Is there something at this path? On the I/O thread. NULL: at each. */
	bool (*knows)(void *arg, const char *path);
	/* worker: 0..n-1 within its lane, so that each worker can own a database and a vault
	 * connection. INLINE has worker 0 of each I/O thread and must be thread-safe. */
	void (*handle)(void *arg, enum http_lane lane, int worker,
		const struct http_request *request, struct http_response *response);
	/* What a full lane (503) or a broken request (400, 408, 413, ...) answers; may be called on
	 * any thread. request may be half filled. */
	void (*refuse)(void *arg, int status, const char *reason,
		const struct http_request *request, struct http_response *response);
	/* An exchange is over: the status that was sent (0: none) and the microseconds since the
	 * request line. On the I/O thread: must not wait. NULL: nobody counts. */
	void (*done)(void *arg, const struct http_request *request, int status, int64_t took_us);
};

struct http_server;

/* Start listening and the workers. Settings give address, port, TLS, limits and lane sizes. *out is
 * owned by the caller. ERR_CONFIG, ERR_IO. */
MUST_CHECK struct result http_start(
	const struct settings *settings, const struct http_app *app, struct http_server **out);
/* Read certificate and key of these settings again: new connections get them, those that are open
 * stay as they are. Without TLS does nothing. ERR_CONFIG, logged: they cannot be used, or TLS would
 * begin or end with them; what was in use stays so. */
MUST_CHECK struct result http_renew(struct http_server *server, const struct settings *settings);
/* Finish what is in flight (at most grace_s seconds), release. Each answer is from now on the last
 * of its connection. A client may send its next request at the moment at which an idle connection
 * is closed, and then never learns whether it was handled: so, for grace_s but 2 s, connections are
 * accepted and idle ones are kept, each until its next answer. A listening socket that was handed
 * to the process stays with whoever did it, and with it those who wait to be accepted. NULL-safe.
 */
void http_stop(struct http_server *server, int grace_s);
struct http_lane_figures {
	int64_t waiting, running, refused, done;
};
/* Requests now waiting or running in a lane, and refused so far for being full. */
struct http_lane_figures http_figures(const struct http_server *server, enum http_lane lane);

#endif
