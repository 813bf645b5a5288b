/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of idp/vault share: keys from a fixed one, and a random source that counts. */
#ifndef PRATU_TESTS_VAULT_HELP_H
#define PRATU_TESTS_VAULT_HELP_H

#include "tests/unit/unit.h"
#include "idp/base/rng.h"
#include "idp/vault/secrets.h"

static inline struct secrets *help_secrets(uint8_t first)
{
	const uint8_t key[KEY_LEN] = {first};
	struct secrets *made = NULL;
	assert_ok(secrets_derive(key, &made));
	return made;
}

static inline void help_fill(void *arg, uint8_t *out, size_t len)
{
	uint8_t *next = arg;
	for (size_t i = 0; i < len; i++)
		out[i] = (*next)++;
}

/* next: where it goes on; lives as long as the source. */
static inline struct rng help_rng(uint8_t *next)
{
	return (struct rng){help_fill, next};
}

#endif
