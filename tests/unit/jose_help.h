/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of JOSE share. */
#ifndef PRATU_TESTS_UNIT_JOSE_HELP_H
#define PRATU_TESTS_UNIT_JOSE_HELP_H

#include "tests/unit/unit.h"
#include "tests/unit/jose_vectors.h"
#include "idp/base/jose.h"

#define ES (1u << JOSE_ES256)
#define RS (1u << JOSE_RS256)
#define PS (1u << JOSE_PS256)
#define ALL (ES | RS | PS)

static inline struct jose_key *key_of(const char *members)
{
	struct arena *arena = arena_new();
	const char *text = members[0] == '{' ? members : arena_printf(arena, "{%s}", members);
	AUTO_JSON json_t *jwk = NULL;
	struct jose_key *key = NULL;
	assert_ok(json_parse(text, strlen(text), &jwk, NULL));
	assert_ok(jose_key_from_jwk(jwk, &key));
	arena_free(arena);
	return key;
}

static inline enum jose_verdict verdict_of(
	const char *compact, struct jose_key *const *keys, size_t n, unsigned allowed)
{
	const struct jose_keys set = {keys, n};
	const struct jose_verify in = {compact, &set, allowed};
	AUTO_JSON json_t *header = NULL;
	AUTO_JSON json_t *claims = NULL;
	enum jose_verdict verdict = jose_verify(&in, &header, &claims);
	assert_int_equal(verdict == JOSE_GOOD, claims != NULL);
	assert_int_equal(verdict == JOSE_GOOD, header != NULL);
	return verdict;
}

#endif
