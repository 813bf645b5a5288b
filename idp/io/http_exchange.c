/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/clock.h"
#include "idp/base/handle.h"
#include "idp/base/log.h"
#include "idp/base/rng.h"
#include "idp/base/str.h"
#include "idp/io/http_impl.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_FIRST 2048 /* bytes */

static const char *correlation_id(struct http_loop *loop, struct arena *arena)
{
	const struct rng rng = rng_system();
	if (loop->random_left < HANDLE_CORRELATION_LEN) {
		rng_bytes(&rng, loop->random, sizeof loop->random);
		loop->random_left = sizeof loop->random;
	}
	loop->random_left -= HANDLE_CORRELATION_LEN;
	return handle_correlation(arena, loop->random + loop->random_left);
}

/* Whatever goes wrong from here on, the application can look at every member. */
static struct http_request blank_request(struct http_conn *conn, struct arena *arena)
{
	static const struct params none;
	return (struct http_request){
		.arena = arena,
		.method = HTTP_OTHER,
		.method_name = "",
		.path = "",
		.logged_path = "",
		.query_text = "",
		.query = &none,
		.form = &none,
		.body = "",
		.address = arena_strdup(arena, conn->peer),
		.correlation_id = correlation_id(conn->loop, arena),
	};
}

/* The library would make a record of each pair of the query in the connection's memory, and close
 * without an answer where it does not fit: it is given an empty one. The query was copied before.
 */
static void hide_query(const char *uri)
{
	const union {
		const char *text;
		char *bytes;
	} query = {uri ? strchr(uri, '?') : NULL};
	if (query.text && query.text[1] != '\0')
		query.bytes[1] = '\0';
}

void *http_exchange_begin(void *loop, const char *uri, struct MHD_Connection *mhd)
{
	(void)loop;
	struct http_conn *conn = http_conn_of(mhd);
	http_exchange_free(conn->exchange); /* of a connection that was dismissed */
	struct arena *arena = arena_new();
	struct http_exchange *exchange = ARENA_NEW(arena, struct http_exchange);
	exchange->conn = conn;
	exchange->request = blank_request(conn, arena);
	exchange->target_at = uri;
	exchange->target_len = uri ? strlen(uri) : 0;
	exchange->target = uri ? arena_strdup(arena, uri) : "";
	hide_query(uri);
	exchange->began_us = clock_monotonic_us();
	if (conn->state == HTTP_STATE_IDLE)
		http_conn_enter(conn, HTTP_STATE_RECEIVING);
	conn->exchange = exchange;
	return exchange;
}

void http_exchange_free(struct http_exchange *exchange)
{
	if (!exchange)
		return;
	if (exchange->made)
		MHD_destroy_response(exchange->made);
	if (exchange->body)
		explicit_bzero(exchange->body, exchange->body_cap);
	free(exchange->body);
	arena_free(exchange->request.arena);
}

static const struct http_app *app_of(const struct http_exchange *exchange)
{
	return &exchange->conn->loop->server->app;
}

/* Have the application answer with a refusal. */
static void refuse(struct http_exchange *exchange, int status, const char *reason)
{
	exchange->response = (struct http_response){.status = status};
	exchange->reason = reason;
	const struct http_app *app = app_of(exchange);
	app->refuse(app->arg, status, reason, &exchange->request, &exchange->response);
	exchange->response.status = status;
}

/* The status that the client received: ours, the library's own, or 0 if nothing. */
static int status_sent(const struct http_exchange *exchange)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(exchange->conn->mhd, MHD_CONNECTION_INFO_HTTP_STATUS);
	if (exchange->response.status != 0 || !info)
		return exchange->response.status;
	return (int)info->http_status;
}

/* Sixteen letters may be anything. */
static const char *logged_method(const struct http_request *request)
{
	static const char *const known[] = {"", "GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH",
		"DELETE", "CONNECT", "TRACE", "PRI", "PROPFIND"};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (str_eq(request->method_name, known[i]))
			return known[i];
	return "other";
}

static void log_access(struct http_exchange *exchange)
{
	if (exchange->logged)
		return;
	exchange->logged = true;
	const struct http_request *request = &exchange->request;
	const struct http_app *app = app_of(exchange);
	const int sent = status_sent(exchange);
	const int64_t took_us = clock_monotonic_us() - exchange->began_us;
	char status[12], ms[24];
	if (app->done)
		app->done(app->arg, request, sent, took_us);
	snprintf(status, sizeof status, "%d", sent);
	snprintf(ms, sizeof ms, "%.1f", (double)took_us / 1000);
	log_info("http.request", "method", logged_method(request), "path", request->logged_path,
		LOG_NUMBER("status"), status, LOG_NUMBER("ms"), ms, "address", request->address,
		"correlation_id", request->correlation_id, "refused", exchange->reason);
}

const char *http_exchange_refusal(
	struct http_exchange *exchange, const struct http_refusal *refusal, size_t *len)
{
	refuse(exchange, refusal->status, refusal->reason);
	log_access(exchange);
	return http_answer_bytes(exchange, len);
}

/* After the stop, the last answer of its connection. */
static void make(struct http_exchange *exchange)
{
	if (atomic_load(&exchange->conn->loop->server->stopping))
		exchange->closes = true;
	exchange->made = http_answer_make(exchange);
}

static enum MHD_Result send_made(struct http_exchange *exchange)
{
	struct http_conn *conn = exchange->conn;
	const unsigned status = (unsigned)exchange->response.status;
	http_conn_enter(conn, HTTP_STATE_SENDING);
	exchange->stage = HTTP_STAGE_SENT;
	const enum MHD_Result queued = MHD_queue_response(conn->mhd, status, exchange->made);
	MHD_destroy_response(exchange->made);
	exchange->made = NULL;
	return queued;
}

/* On the I/O thread, before the whole request is read: nothing after it can be trusted to be a
 * request. */
static enum MHD_Result refuse_and_close(
	struct http_exchange *exchange, const struct http_refusal *refusal)
{
	refuse(exchange, refusal->status, refusal->reason);
	exchange->closes = true;
	exchange->conn->lingers = true;
	exchange->made = http_answer_make(exchange);
	return send_made(exchange);
}

/* A %00 is refused in any place: in C it would end a text early. */
static bool parse_params(struct http_request *request)
{
	request->query_verdict = params_parse(
		request->arena, request->query_text, strlen(request->query_text), &request->query);
	if (request->has_form && request->method == HTTP_POST)
		request->form_verdict = params_parse(
			request->arena, request->body, request->body_len, &request->form);
	return request->query_verdict != PARAMS_NUL && request->form_verdict != PARAMS_NUL;
}

/* Not only when the exchange is over: whoever reads the answer slowly, or not at all, would keep a
 * password in memory so long. */
static void wipe_form(struct http_exchange *exchange)
{
	if (exchange->body)
		explicit_bzero(exchange->body, exchange->body_cap);
	params_wipe(exchange->request.form);
}

static void handle(struct http_exchange *exchange, int worker)
{
	const struct http_app *app = app_of(exchange);
	if (parse_params(&exchange->request)) {
		app->handle(
			app->arg, exchange->lane, worker, &exchange->request, &exchange->response);
	} else {
		exchange->closes = true;
		refuse(exchange, 400, "nul");
	}
	if (exchange->response.status == 0)
		refuse(exchange, 500, "no_answer");
	make(exchange);
	wipe_form(exchange);
	exchange->stage = HTTP_STAGE_READY;
}

void http_exchange_work(void *lane, int worker, struct lane_job *job)
{
	struct http_exchange *exchange = (struct http_exchange *)job;
	(void)lane;
	handle(exchange, worker);
	http_loop_resume(exchange->conn->loop, exchange->conn->mhd);
}

void http_exchange_drop(void *lane, struct lane_job *job)
{
	struct http_exchange *exchange = (struct http_exchange *)job;
	(void)lane;
	refuse(exchange, 503, "stopping");
	exchange->closes = true;
	exchange->made = http_answer_make(exchange);
	exchange->stage = HTTP_STAGE_READY;
	http_loop_resume(exchange->conn->loop, exchange->conn->mhd);
}

/* Not a line for each: when a lane is full, there are many. */
static void log_lane_full(struct http_server *server, enum http_lane lane)
{
	static const char *const names[HTTP_LANES] = {"inline", "quick", "slow"};
	char refused[24];
	const int64_t now_us = clock_monotonic_us();
	long long before_us = atomic_load(&server->full_logged_us[lane]);
	if (now_us - before_us < HTTP_FULL_LOG_US ||
		!atomic_compare_exchange_strong(&server->full_logged_us[lane], &before_us, now_us))
		return;
	(void)snprintf(
		refused, sizeof refused, "%lld", (long long)http_figures(server, lane).refused);
	log_warn("http.lane_full", "lane", names[lane], LOG_NUMBER("refused_so_far"), refused);
}

static enum MHD_Result enter_lane(struct http_exchange *exchange)
{
	struct lane *lane = exchange->conn->loop->server->lanes[exchange->lane];
	if (!lane_reserve(lane)) {
		log_lane_full(exchange->conn->loop->server, exchange->lane);
		refuse(exchange, 503, "lane_full");
		make(exchange);
		return send_made(exchange);
	}
	exchange->stage = HTTP_STAGE_LANE;
	http_conn_enter(exchange->conn, HTTP_STATE_HANDLING);
	MHD_suspend_connection(exchange->conn->mhd);
	lane_push(lane, &exchange->job);
	return MHD_YES;
}

static enum MHD_Result dispatch(struct http_exchange *exchange)
{
	struct http_request *request = &exchange->request;
	const struct http_app *app = app_of(exchange);
	http_conn_request_ends(exchange->conn, exchange->head_len + exchange->body_len);
	if (exchange->body)
		request->body = exchange->body;
	request->body_len = exchange->body_len;
	exchange->lane = app->lane(app->arg, request->method, request->path);
	if (exchange->lane != HTTP_LANE_INLINE)
		return enter_lane(exchange);
	handle(exchange, 0);
	atomic_fetch_add(&exchange->conn->loop->server->inline_done, 1);
	return send_made(exchange);
}

static enum MHD_Result read_head(
	struct http_exchange *exchange, const char *method, const char *version)
{
	struct http_refusal found = http_head_read(exchange, method, version);
	if (found.status == 0)
		found = http_head_resolve(exchange);
	if (found.status != 0)
		return refuse_and_close(exchange, &found);
	exchange->stage = HTTP_STAGE_BODY;
	return MHD_YES;
}

/* Make space for len more bytes and a NUL. */
static void grow_body(struct http_exchange *exchange, size_t len)
{
	const size_t wanted = exchange->body_len + len + 1;
	size_t cap = exchange->body_cap == 0 ? BODY_FIRST : exchange->body_cap;
	while (cap < wanted)
		cap *= 2;
	if (cap > exchange->body_promised + 1)
		cap = exchange->body_promised + 1;
	if (cap == exchange->body_cap)
		return;
	char *larger = malloc(cap);
	if (!larger)
		abort();
	if (exchange->body_len > 0)
		memcpy(larger, exchange->body, exchange->body_len);
	if (exchange->body)
		explicit_bzero(exchange->body, exchange->body_cap);
	free(exchange->body);
	exchange->body = larger;
	exchange->body_cap = cap;
}

/* A form may hold a password: what libmicrohttpd received is wiped once it is copied. Its buffer is
 * not const, and it does not read what was reported as consumed. */
static void wipe(const char *data, size_t len)
{
	explicit_bzero((char *)(uintptr_t)data, len);
}

static enum MHD_Result take_body(struct http_exchange *exchange, const char *data, size_t *data_len)
{
	if (*data_len > exchange->body_promised - exchange->body_len)
		return MHD_NO;
	grow_body(exchange, *data_len);
	memcpy(exchange->body + exchange->body_len, data, *data_len);
	exchange->body_len += *data_len;
	exchange->body[exchange->body_len] = '\0';
	wipe(data, *data_len);
	*data_len = 0;
	return MHD_YES;
}

enum MHD_Result http_exchange_access(void *loop, struct MHD_Connection *mhd, const char *url,
	const char *method, const char *version, const char *data, size_t *data_len, void **context)
{
	struct http_exchange *exchange = *context;
	(void)loop;
	(void)mhd;
	(void)url;
	if (!exchange || exchange->conn->doomed)
		return MHD_NO;
	switch (exchange->stage) {
	case HTTP_STAGE_HEAD:
		return read_head(exchange, method, version);
	case HTTP_STAGE_BODY:
		return *data_len > 0 ? take_body(exchange, data, data_len) : dispatch(exchange);
	case HTTP_STAGE_LANE:
		return MHD_YES;
	case HTTP_STAGE_READY:
		return send_made(exchange);
	case HTTP_STAGE_SENT:
		*data_len = 0;
		return MHD_YES;
	}
	return MHD_NO;
}

void http_exchange_completed(void *loop, struct MHD_Connection *mhd, void **context,
	enum MHD_RequestTerminationCode code)
{
	struct http_exchange *exchange = *context;
	(void)loop;
	(void)mhd;
	(void)code;
	if (!exchange)
		return;
	*context = NULL;
	log_access(exchange);
	exchange->conn->exchange = NULL;
	/* Without an answer of ours it stays what it was, for http_conn to see why it ended. */
	if (exchange->stage == HTTP_STAGE_SENT)
		http_conn_enter(exchange->conn, HTTP_STATE_IDLE);
	http_exchange_free(exchange);
}
