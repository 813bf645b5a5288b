/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames between the vault and the other roles: 4 bytes length (big-endian), then that many bytes,
 * over a stream socket in either mode. What the bytes are is idp/io/vault_codec.h's matter. Frames
 * hold passwords, tickets and tokens: whatever leaves a buffer is wiped from it.
 */
#ifndef PRATU_IO_VAULT_FRAME_H
#define PRATU_IO_VAULT_FRAME_H

#include "idp/base/result.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VAULT_FRAME_MAX 262144 /* bytes after the length */
#define VAULT_FRAME_HEAD 4 /* bytes of the length */
#define VAULT_TIMEOUT_S 10

/* A growing buffer, used again and again; {0} is an empty one. */
struct vault_frame {
	uint8_t *bytes; /* the length's 4 first */
	size_t len, cap; /* len: of what was put or received, the length's 4 included */
	bool over; /* more was put than a frame may hold */
};

/* Wipe and release. */
void vault_frame_free(struct vault_frame *frame);
/* Wipe what it holds; it is empty then, and begins with space for the length. */
void vault_frame_clear(struct vault_frame *frame);
/* Add bytes. Over VAULT_FRAME_MAX nothing is added, and sending fails. */
void vault_frame_put(struct vault_frame *frame, const void *bytes, size_t len);

/* Each takes at most VAULT_TIMEOUT_S in all from the call on, so a server polls for the first byte
 * before it receives. Any failure leaves the stream at an unknown place: close it. */

/* ERR_BOUNDS, with nothing sent: more was put than a frame may hold. ERR_IO. */
MUST_CHECK struct result vault_frame_send(int fd, struct vault_frame *frame);
/* One frame, in place of what was there. ERR_IO: the end of the stream, or a time-out. ERR_FORMAT:
 * empty, over VAULT_FRAME_MAX, or more bytes behind it, for each side waits for the other's frame.
 */
MUST_CHECK struct result vault_frame_receive(int fd, struct vault_frame *frame);
/* Until there is something to receive, the end of the stream included. ERR_IO: a time-out. */
MUST_CHECK struct result vault_frame_await(int fd);

#endif
