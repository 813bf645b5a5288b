/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/jose_vectors.h"
#include "idp/base/jose.h"
#include "idp/base/str.h"
#include <string.h>

static struct jose_key *key_of(const char *text)
{
	json_t *jwk = NULL;
	struct jose_key *key = NULL;
	must(json_parse(text, strlen(text), &jwk, NULL).err == ERR_NONE);
	must(jose_key_from_jwk(jwk, &key).err == ERR_NONE);
	json_decref(jwk);
	return key;
}

/* Nobody signs for the RFC's keys but the RFC: no other header and payload may ever be good. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct jose_key *keys[2];
	if (keys[0] == NULL) {
		keys[0] = key_of("{" A2_PUBLIC "}");
		keys[1] = key_of("{" A3_PUBLIC "}");
	}
	struct arena *arena = arena_new();
	const char *text = arena_strndup(arena, (const char *)data, size);
	const struct jose_keys set = {keys, 2};
	const struct jose_verify in = {
		text, &set, 1u << JOSE_ES256 | 1u << JOSE_RS256 | 1u << JOSE_PS256};
	json_t *header = NULL, *claims = NULL, *peeked = NULL;
	enum jose_verdict verdict = jose_verify(&in, &header, &claims);
	if (verdict == JOSE_GOOD)
		must(str_eq(text, A2_JWS) ||
			str_starts(text, "eyJhbGciOiJFUzI1NiJ9." A_PAYLOAD "."));
	must((verdict == JOSE_GOOD) == (header != NULL) &&
		(verdict == JOSE_GOOD) == (claims != NULL));
	if (jose_peek(text, &peeked).err == ERR_NONE)
		must(json_is_object(peeked) && strlen(text) <= 16384);
	else
		must(verdict == JOSE_MALFORMED);
	json_decref(header);
	json_decref(claims);
	json_decref(peeked);
	arena_free(arena);
	return 0;
}
