/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Handles that begin with the time they were made, so that a look-up names one partition: opaque
 * values (cookies, codes, refresh tokens) and UUIDs of version 7 (sessions, grants,
 * authentications). A handle made before migration 005 carries no time: its span is all of time,
 * and it is found all the same. The time is no secret and proves nothing; the 256 (74) random bits
 * do.
 */
#ifndef PRATU_BASE_HANDLE_H
#define PRATU_BASE_HANDLE_H

#include "idp/base/rng.h"
#include <stdbool.h>

#define HANDLE_TIME_LEN \
	8 /* characters: 48 bits of unix milliseconds in base64url, in order of time */
#define HANDLE_LEN (HANDLE_TIME_LEN + RNG_OPAQUE_LEN)

/* When a row that a handle names was made: from_ms <= created_at < until_ms, unix milliseconds. */
struct handle_span {
	int64_t from_ms, until_ms;
};

/* 8 characters of now_ms (unix milliseconds) and 256 random bits in base64url: HANDLE_LEN
 * characters in the arena. */
char *handle_new(const struct rng *rng, struct arena *arena, int64_t now_ms);
/* Has it the form of a handle, or of one without a time (RNG_OPAQUE_LEN characters)? NULL
 * has not. *out is set if so. */
bool handle_span(const char *handle, struct handle_span *out);

#define HANDLE_CORRELATION_LEN 16 /* random bytes of a correlation id */
/* A correlation id of so many random bytes: 22 characters of base64url in the arena. The first is a
 * letter, so that no command takes the id for an option; that costs one bit. */
char *handle_correlation(struct arena *arena, const uint8_t bytes[static HANDLE_CORRELATION_LEN]);

/* A UUID of version 7 (RFC 9562 s5.7), 36 characters in the arena. */
char *handle_uuid(const struct rng *rng, struct arena *arena, int64_t now_ms);
/* The span of a UUID that str_is_uuid accepts: of version 7 its millisecond, of any other all of
 * time. */
struct handle_span handle_uuid_span(const char *uuid);
/* The 16 bytes of a UUID that str_is_uuid accepts, as 22 characters of base64url in the arena, for
 * where it is sent again and again. */
char *handle_uuid_short(struct arena *arena, const char *uuid);
/* The UUID that it was made of: 36 characters in the arena; NULL: it is none. */
char *handle_uuid_long(struct arena *arena, const char *text);

#endif
