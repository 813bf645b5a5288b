/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/vault_call.h"
#include "idp/base/clock.h"
#include "idp/base/log.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CONNECT_S 2
#define TRY_AGAIN_MS 10
#define SENDS_MOST 3

struct vault_call {
	int fd; /* -1: not connected */
	struct sockaddr_un to;
	bool to_fits;
	struct vault_frame frame; /* empty between calls */
	struct meter *meter; /* NULL: none */
	struct vault_wait *wait; /* NULL: none */
};

static const char *const outcomes[] = {"ok", "failed"};

const struct meter_kind vault_call_meter_kind = {
	.counter = "pratu_vault_calls_total",
	.counter_help = "Calls to the vault, by operation: ok, whatever it answered, or no reply.",
	.duration = "pratu_vault_call_duration_seconds",
	.duration_help = "From sending to the vault's reply.",
	.label = "op",
	.outcome_label = "outcome",
	.outcomes = outcomes,
	.n_outcomes = sizeof outcomes / sizeof *outcomes,
};

struct vault_call *vault_call_new(const char *socket_dir, const char *socket_name)
{
	struct vault_call *call = calloc(1, sizeof *call);
	if (!call)
		abort();
	call->fd = -1;
	call->to.sun_family = AF_UNIX;
	const int n = snprintf(
		call->to.sun_path, sizeof call->to.sun_path, "%s/%s", socket_dir, socket_name);
	call->to_fits = n > 0 && (size_t)n < sizeof call->to.sun_path;
	return call;
}

void vault_call_observe(struct vault_call *call, struct meter *meter)
{
	call->meter = meter;
}

void vault_call_await(struct vault_call *call, struct vault_wait *wait)
{
	call->wait = wait;
}

static void disconnect(struct vault_call *call)
{
	if (call->fd >= 0)
		close(call->fd);
	call->fd = -1;
}

void vault_call_free(struct vault_call *call)
{
	if (!call)
		return;
	disconnect(call);
	vault_frame_free(&call->frame);
	free(call);
}

/* Nothing is due between calls: readable means that the vault has ended the connection (or broken
 * the protocol), before the next request was sent, so that it may go over a new one. */
static bool gone(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	return poll(&poll_fd, 1, 0) != 0;
}

/* errno says why not. */
static bool connect_once(struct vault_call *call)
{
	const struct timeval patience = {.tv_sec = CONNECT_S};
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	/* A Unix socket connects at once, but waits while the vault's backlog is full: this bounds
	 * it. */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (connect(fd, (const struct sockaddr *)&call->to, sizeof call->to) != 0) {
		const int why = errno;
		close(fd);
		errno = why;
		return false;
	}
	call->fd = fd;
	return true;
}

/* As between the end of one vault and the start of the next. */
static bool is_away(int error)
{
	return error == ECONNREFUSED || error == ENOENT;
}

static struct result connect_to(struct vault_call *call)
{
	const struct timespec pause = {.tv_nsec = TRY_AGAIN_MS * 1000000};
	if (!call->to_fits)
		FAIL(ERR_VAULT);
	while (!connect_once(call)) {
		const int why = errno;
		if (is_away(why) && vault_wait_again(call->wait, clock_monotonic_us())) {
			(void)nanosleep(&pause, NULL);
			continue;
		}
		log_warn("vault.connect", "socket", call->to.sun_path, "error", strerror(why));
		FAIL(ERR_VAULT);
	}
	vault_wait_over(call->wait);
	return OK;
}

/* Where the vault has closed the connection before the last byte was accepted, it never acts on the
 * request, and that may go over a new one. */
static struct result send_whole(struct vault_call *call)
{
	for (int i = 1;; i++) {
		if (call->fd >= 0 && gone(call->fd))
			disconnect(call);
		if (call->fd < 0)
			TRY(connect_to(call));
		const struct result sent = vault_frame_send(call->fd, &call->frame);
		if (sent.err == ERR_NONE)
			return OK;
		const bool closed = errno == EPIPE || errno == ECONNRESET;
		if (sent.err != ERR_IO || !closed || i == SENDS_MOST)
			return sent;
		disconnect(call);
	}
}

static struct result exchange(
	struct vault_call *call, const struct vault_op *op, struct arena *arena, void *out)
{
	TRY(send_whole(call));
	TRY(vault_frame_await(call->fd));
	TRY(vault_frame_receive(call->fd, &call->frame));
	return vault_codec_get_reply(op, &call->frame, arena, out);
}

static struct result connected_exchange(
	struct vault_call *call, const struct vault_op *op, struct arena *arena, void *out)
{
	const struct result done = exchange(call, op, arena, out);
	if (done.err == ERR_NONE)
		return OK;
	if (call->fd < 0)
		return done;
	/* A late reply must not be taken for the next request's. */
	disconnect(call);
	log_warn("vault.call", "op", op->name, "error", result_name(done.err), "where", done.where);
	FAIL(ERR_VAULT);
}

struct result vault_call(struct vault_call *call, const struct vault_op *op, struct arena *arena,
	const void *in, void *out)
{
	const int64_t began_us = call->meter ? clock_monotonic_us() : 0;
	memset(out, 0, op->out.size);
	struct result done = vault_codec_put_request(op, in, &call->frame);
	if (done.err != ERR_NONE)
		log_error("vault.request", "op", op->name, "error", result_name(done.err), "where",
			done.where);
	else
		done = connected_exchange(call, op, arena, out);
	vault_frame_clear(&call->frame);
	if (call->meter)
		meter_add(call->meter, op->name, done.err != ERR_NONE,
			clock_monotonic_us() - began_us);
	if (done.err != ERR_NONE)
		memset(out, 0, op->out.size);
	return done;
}
