/* SPDX-License-Identifier: Apache-2.0 */
/* The only source of randomness. If the system has none to give, the process ends. */
#ifndef PRATU_BASE_RNG_H
#define PRATU_BASE_RNG_H

#include "idp/base/arena.h"
#include <stddef.h>
#include <stdint.h>

struct rng {
	void (*fill)(void *arg, uint8_t *out, size_t len);
	void *arg;
};

/* The kernel's generator. */
struct rng rng_system(void);
void rng_bytes(const struct rng *rng, uint8_t *out, size_t len);
/* 256 random bits in base64url: 43 characters. For codes, handles, tokens, cookies. */
char *rng_opaque(const struct rng *rng, struct arena *arena);
#define RNG_OPAQUE_LEN 43
/* A random UUID (RFC 4122 version 4), 36 characters. */
char *rng_uuid(const struct rng *rng, struct arena *arena);

#endif
