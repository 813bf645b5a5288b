/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/rng.h"
#include "idp/base/enc.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define OPAQUE_BYTES 32
#define UUID_BYTES 16

static void system_fill(void *arg, uint8_t *out, size_t len)
{
	(void)arg;
	for (size_t done = 0; done < len;) {
		ssize_t n = getrandom(out + done, len - done, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			abort();
		done += (size_t)n;
	}
}

struct rng rng_system(void)
{
	return (struct rng){system_fill, NULL};
}

void rng_bytes(const struct rng *rng, uint8_t *out, size_t len)
{
	rng->fill(rng->arg, out, len);
}

char *rng_opaque(const struct rng *rng, struct arena *arena)
{
	uint8_t bytes[OPAQUE_BYTES];
	rng_bytes(rng, bytes, sizeof(bytes));
	char *text = enc_b64url(arena, bytes, sizeof(bytes));
	explicit_bzero(bytes, sizeof(bytes));
	return text;
}

char *rng_uuid(const struct rng *rng, struct arena *arena)
{
	uint8_t b[UUID_BYTES];
	rng_bytes(rng, b, sizeof(b));
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40); /* version 4 */
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80); /* RFC 4122's variant */
	const char *hex = enc_hex(arena, b, sizeof(b));
	return arena_printf(
		arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}
