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
#include <unistd.h>

#define LENGTH_BYTES 4
#define CONNECT_S 2
#define SMALL_FRAME 8192

struct vault_call {
	int fd; /* -1: not connected */
	struct sockaddr_un to;
	bool to_fits;
};

/* Until the fd is ready for events, or the deadline. A socket's error or end counts as ready: the
 * call that follows tells. */
static struct result await(int fd, short events, int64_t deadline_us)
{
	for (;;) {
		const int64_t left_us = deadline_us - clock_monotonic_us();
		struct pollfd poll_fd = {.fd = fd, .events = events};
		if (left_us <= 0)
			FAIL(ERR_IO);
		const int n = poll(&poll_fd, 1, (int)(left_us / 1000 + 1));
		if (n > 0)
			return OK;
		if (n < 0 && errno != EINTR)
			FAIL(ERR_IO);
	}
}

static bool would_block(void)
{
	return errno == EAGAIN || errno == EINTR;
}

static struct result write_all(int fd, const char *bytes, size_t len, int64_t deadline_us)
{
	while (len > 0) {
		const ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && !would_block())
			FAIL(ERR_IO);
		if (n < 0) {
			TRY(await(fd, POLLOUT, deadline_us));
			continue;
		}
		bytes += n;
		len -= (size_t)n;
	}
	return OK;
}

static struct result read_all(int fd, char *bytes, size_t len, int64_t deadline_us)
{
	while (len > 0) {
		const ssize_t n = recv(fd, bytes, len, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && !would_block()))
			FAIL(ERR_IO);
		if (n < 0) {
			TRY(await(fd, POLLIN, deadline_us));
			continue;
		}
		bytes += n;
		len -= (size_t)n;
	}
	return OK;
}

static int64_t deadline(void)
{
	return clock_monotonic_us() + (int64_t)VAULT_TIMEOUT_S * 1000000;
}

/* Frames hold passwords and tokens: their buffers are wiped. */
static void wipe_free(char *bytes, size_t len)
{
	explicit_bzero(bytes, len);
	free(bytes);
}

static struct result send_frame(int fd, char *frame, size_t len)
{
	frame[0] = (char)(len >> 24);
	frame[1] = (char)(len >> 16 & 0xff);
	frame[2] = (char)(len >> 8 & 0xff);
	frame[3] = (char)(len & 0xff);
	return write_all(fd, frame, LENGTH_BYTES + len, deadline());
}

static struct result write_large(int fd, const json_t *object, size_t len)
{
	if (len > VAULT_FRAME_MAX)
		FAIL(ERR_BOUNDS);
	char *frame = malloc(LENGTH_BYTES + len);
	if (frame == NULL)
		FAIL(ERR_IO);
	json_dumpb(object, frame + LENGTH_BYTES, len, JSON_COMPACT);
	const struct result sent = send_frame(fd, frame, len);
	wipe_free(frame, LENGTH_BYTES + len);
	return sent;
}

struct result vault_frame_write(int fd, const json_t *object)
{
	/* Nearly every frame fits, and is then encoded once. */
	char frame[LENGTH_BYTES + SMALL_FRAME];
	const size_t len = json_dumpb(object, frame + LENGTH_BYTES, SMALL_FRAME, JSON_COMPACT);
	if (len == 0)
		FAIL(ERR_FORMAT);
	const struct result sent =
		len > SMALL_FRAME ? write_large(fd, object, len) : send_frame(fd, frame, len);
	explicit_bzero(frame, len > SMALL_FRAME ? sizeof frame : LENGTH_BYTES + len);
	return sent;
}

static struct result parse_object(const char *text, size_t len, json_t **object)
{
	AUTO_JSON json_t *value = NULL;
	TRY(json_parse(text, len, &value, NULL));
	if (!json_is_object(value))
		FAIL(ERR_FORMAT);
	*object = value;
	value = NULL;
	return OK;
}

static struct result read_body(int fd, size_t len, int64_t deadline_us, json_t **object)
{
	char *text = malloc(len);
	if (text == NULL)
		FAIL(ERR_IO);
	struct result done = read_all(fd, text, len, deadline_us);
	if (done.err == ERR_NONE)
		done = parse_object(text, len, object);
	wipe_free(text, len);
	return done;
}

struct result vault_frame_read(int fd, json_t **object)
{
	const int64_t deadline_us = deadline();
	unsigned char head[LENGTH_BYTES];
	TRY(read_all(fd, (char *)head, sizeof head, deadline_us));
	const size_t len =
		(size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
	if (len < 2 || len > VAULT_FRAME_MAX)
		FAIL(ERR_FORMAT);
	return read_body(fd, len, deadline_us, object);
}

struct vault_call *vault_call_new(const char *socket_dir, const char *socket_name)
{
	struct vault_call *call = calloc(1, sizeof *call);
	if (call == NULL)
		abort();
	call->fd = -1;
	call->to.sun_family = AF_UNIX;
	const int n = snprintf(
		call->to.sun_path, sizeof call->to.sun_path, "%s/%s", socket_dir, socket_name);
	call->to_fits = n > 0 && (size_t)n < sizeof call->to.sun_path;
	return call;
}

static void hang_up(struct vault_call *call)
{
	if (call->fd >= 0)
		close(call->fd);
	call->fd = -1;
}

void vault_call_free(struct vault_call *call)
{
	if (call == NULL)
		return;
	hang_up(call);
	free(call);
}

/* Nothing is due between calls: readable means that the vault has ended the connection (or broken
 * the protocol), before the next request was sent, so that it may go over a new one. */
static bool gone(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	return poll(&poll_fd, 1, 0) != 0;
}

static struct result dial(struct vault_call *call)
{
	if (!call->to_fits)
		FAIL(ERR_VAULT);
	const struct timeval patience = {.tv_sec = CONNECT_S};
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		FAIL(ERR_VAULT);
	/* A Unix socket connects at once, but waits while the vault's backlog is full: this bounds
	 * it. */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (connect(fd, (const struct sockaddr *)&call->to, sizeof call->to) != 0) {
		log_warn("vault.connect", "socket", call->to.sun_path, "error", strerror(errno));
		close(fd);
		FAIL(ERR_VAULT);
	}
	call->fd = fd;
	return OK;
}

static struct result exchange(int fd, const json_t *request, json_t **reply)
{
	TRY(vault_frame_write(fd, request));
	TRY(vault_frame_read(fd, reply));
	return OK;
}

struct result vault_call(struct vault_call *call, const json_t *request, json_t **reply)
{
	if (call->fd >= 0 && gone(call->fd))
		hang_up(call);
	if (call->fd < 0)
		TRY(dial(call));
	const struct result done = exchange(call->fd, request, reply);
	if (done.err == ERR_NONE)
		return OK;
	/* A late reply must not be taken for the next request's. */
	hang_up(call);
	log_warn("vault.call", "op", json_str(request, "op"), "error", result_name(done.err),
		"where", done.where);
	FAIL(ERR_VAULT);
}
