/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/vault_frame.h"
#include "idp/base/clock.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define FIRST_CAP 8192 /* nearly every frame fits */

void vault_frame_free(struct vault_frame *frame)
{
	if (frame->bytes)
		explicit_bzero(frame->bytes, frame->len);
	free(frame->bytes);
	*frame = (struct vault_frame){NULL, 0, 0, false};
}

static void reserve(struct vault_frame *frame, size_t cap)
{
	size_t grown = frame->cap == 0 ? FIRST_CAP : frame->cap;
	if (cap <= frame->cap)
		return;
	while (grown < cap)
		grown *= 2;
	/* Not realloc: it would leave a copy behind. */
	uint8_t *const bytes = malloc(grown);
	if (!bytes)
		abort();
	if (frame->len > 0)
		memcpy(bytes, frame->bytes, frame->len);
	const size_t len = frame->len;
	vault_frame_free(frame);
	*frame = (struct vault_frame){bytes, len, grown, false};
}

void vault_frame_clear(struct vault_frame *frame)
{
	reserve(frame, FIRST_CAP);
	explicit_bzero(frame->bytes, frame->len);
	memset(frame->bytes, 0, VAULT_FRAME_HEAD);
	frame->len = VAULT_FRAME_HEAD;
	frame->over = false;
}

void vault_frame_put(struct vault_frame *frame, const void *bytes, size_t len)
{
	if (frame->over || len > VAULT_FRAME_HEAD + VAULT_FRAME_MAX - frame->len) {
		frame->over = true;
		return;
	}
	reserve(frame, frame->len + len);
	if (len > 0)
		memcpy(frame->bytes + frame->len, bytes, len);
	frame->len += len;
}

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

static int64_t deadline(void)
{
	return clock_monotonic_us() + (int64_t)VAULT_TIMEOUT_S * 1000000;
}

struct result vault_frame_await(int fd)
{
	return await(fd, POLLIN, deadline());
}

static bool would_block(void)
{
	return errno == EAGAIN || errno == EINTR;
}

static struct result send_all(int fd, const uint8_t *bytes, size_t len, int64_t deadline_us)
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

struct result vault_frame_send(int fd, struct vault_frame *frame)
{
	const size_t len = frame->len - VAULT_FRAME_HEAD;
	if (frame->over)
		FAIL(ERR_BOUNDS);
	frame->bytes[0] = (uint8_t)(len >> 24);
	frame->bytes[1] = (uint8_t)(len >> 16 & 0xff);
	frame->bytes[2] = (uint8_t)(len >> 8 & 0xff);
	frame->bytes[3] = (uint8_t)(len & 0xff);
	return send_all(fd, frame->bytes, frame->len, deadline());
}

/* As much as there is and fits. */
static struct result receive_some(int fd, struct vault_frame *frame, int64_t deadline_us)
{
	for (;;) {
		const ssize_t n =
			recv(fd, frame->bytes + frame->len, frame->cap - frame->len, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && !would_block()))
			FAIL(ERR_IO);
		if (n > 0) {
			frame->len += (size_t)n;
			return OK;
		}
		TRY(await(fd, POLLIN, deadline_us));
	}
}

struct result vault_frame_receive(int fd, struct vault_frame *frame)
{
	const int64_t deadline_us = deadline();
	vault_frame_clear(frame);
	frame->len = 0;
	while (frame->len < VAULT_FRAME_HEAD)
		TRY(receive_some(fd, frame, deadline_us));
	const uint8_t *const head = frame->bytes;
	const size_t len =
		(size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
	if (len == 0 || len > VAULT_FRAME_MAX)
		FAIL(ERR_FORMAT);
	reserve(frame, VAULT_FRAME_HEAD + len);
	while (frame->len < VAULT_FRAME_HEAD + len)
		TRY(receive_some(fd, frame, deadline_us));
	if (frame->len > VAULT_FRAME_HEAD + len)
		FAIL(ERR_FORMAT);
	return OK;
}
