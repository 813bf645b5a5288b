/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/handle.h"
#include "idp/base/enc.h"
#include <stdlib.h>
#include <string.h>

#define UUID_BYTES 16
#define TIME_BYTES 6
#define TIME_MASK INT64_C(0xffffffffffff)

/* Of base64url, in the order of their values. As text, handles do not sort by time, and need not.
 */
static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Within what PostgreSQL's timestamps hold. */
static const struct handle_span ALL_OF_TIME = {0, INT64_C(253402300800000)};

char *handle_new(const struct rng *rng, struct arena *arena, int64_t now_ms)
{
	char time[HANDLE_TIME_LEN + 1] = {0};

	for (int i = HANDLE_TIME_LEN - 1; i >= 0; i--) {
		time[i] = DIGITS[now_ms & 63];
		now_ms >>= 6;
	}
	return arena_printf(arena, "%s%s", time, rng_opaque(rng, arena));
}

bool handle_span(const char *handle, struct handle_span *out)
{
	const size_t len = handle ? strnlen(handle, HANDLE_LEN + 1) : 0;
	int64_t ms = 0;

	if ((len != HANDLE_LEN && len != RNG_OPAQUE_LEN) || strspn(handle, DIGITS) != len)
		return false;
	for (int i = 0; i < HANDLE_TIME_LEN; i++)
		ms = ms << 6 | (strchr(DIGITS, handle[i]) - DIGITS);
	if (len == RNG_OPAQUE_LEN)
		*out = ALL_OF_TIME;
	else
		*out = (struct handle_span){ms, ms + 1};
	return true;
}

char *handle_correlation(struct arena *arena, const uint8_t bytes[static HANDLE_CORRELATION_LEN])
{
	uint8_t own[HANDLE_CORRELATION_LEN];
	memcpy(own, bytes, sizeof own);
	own[0] &= 0x7f; /* the first six bits are then below 32: A to Z, a to f */
	return enc_b64url(arena, own, sizeof own);
}

static char *uuid_text(struct arena *arena, const uint8_t bytes[static UUID_BYTES])
{
	const char *hex = enc_hex(arena, bytes, UUID_BYTES);
	return arena_printf(
		arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

char *handle_uuid(const struct rng *rng, struct arena *arena, int64_t now_ms)
{
	uint8_t b[UUID_BYTES];

	rng_bytes(rng, b, sizeof(b));
	for (int i = 0; i < TIME_BYTES; i++)
		b[i] = (uint8_t)((now_ms & TIME_MASK) >> (8 * (TIME_BYTES - 1 - i)));
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x70); /* version 7 */
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80); /* RFC 9562's variant */
	return uuid_text(arena, b);
}

struct handle_span handle_uuid_span(const char *uuid)
{
	char hex[2 * TIME_BYTES + 1] = {0};

	if (uuid[14] != '7')
		return ALL_OF_TIME;
	memcpy(hex, uuid, 8);
	memcpy(hex + 8, uuid + 9, 4);
	const int64_t ms = strtoll(hex, NULL, 16);
	return (struct handle_span){ms, ms + 1};
}

char *handle_uuid_short(struct arena *arena, const char *uuid)
{
	uint8_t bytes[UUID_BYTES] = {0};
	for (int i = 0, digits = 0; uuid[i] && digits < 2 * UUID_BYTES; i++) {
		if (uuid[i] == '-')
			continue;
		bytes[digits / 2] =
			(uint8_t)(bytes[digits / 2] << 4 | (enc_hex_digit(uuid[i]) & 0x0f));
		digits++;
	}
	return enc_b64url(arena, bytes, sizeof bytes);
}

char *handle_uuid_long(struct arena *arena, const char *text)
{
	uint8_t *bytes = NULL;
	size_t len = 0;
	if (!text || enc_b64url_decode(arena, text, &bytes, &len).err != ERR_NONE ||
		len != UUID_BYTES)
		return NULL;
	return uuid_text(arena, bytes);
}
