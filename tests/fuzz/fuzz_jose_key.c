/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "idp/base/jose.h"
#include "idp/base/str.h"
#include <string.h>

/* The public half of a key that was taken is taken again, as the same key, and tells nothing
 * private. */
static void check_key(struct arena *arena, const json_t *jwk, const struct jose_key *key)
{
	enum jose_alg alg = str_eq(json_str(jwk, "kty"), "EC") ? JOSE_ES256 : JOSE_RS256;
	json_t *half = jose_key_public(key, alg);
	struct jose_key *again = NULL;
	must(strlen(jose_key_kid(key)) > 0);
	must(jose_key_from_jwk(half, &again).err == ERR_NONE);
	must(str_eq(jose_key_kid(again), jose_key_kid(key)));
	must(str_eq(jose_thumbprint(arena, half), jose_thumbprint(arena, jwk)));
	must(json_object_get(half, "d") == NULL && json_object_get(half, "p") == NULL);
	jose_key_free(again);
	json_decref(half);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	json_t *jwk = NULL;
	struct jose_key *key = NULL;
	if (json_parse((const char *)data, size, &jwk, NULL).err == ERR_NONE) {
		if (jose_key_from_jwk(jwk, &key).err == ERR_NONE)
			check_key(arena, jwk, key);
		else
			must(key == NULL);
	}
	jose_key_free(key);
	json_decref(jwk);
	arena_free(arena);
	return 0;
}
