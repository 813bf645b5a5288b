/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "oidc/client_assertion.h"
#include <string.h>

#define NOW 1700000000

/* The input is the claims; they are signed here, so that what lies behind the signature is reached.
 * The input as it is must never be accepted. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct jose_key *key;
	static const char *const no_urls[] = {NULL};
	if (!key && jose_key_generate(JOSE_ES256, &key).err != ERR_NONE)
		abort();
	struct arena *arena = arena_new();
	struct client client = {.client_id = "rd",
		.auth_method = CLIENT_AUTH_PRIVATE_KEY_JWT,
		.keys = {&key, 1},
		.assertion_algs = 1u << JOSE_ES256};
	struct client_auth_facts facts = {.client = &client,
		.issuer = "https://idp.example",
		.audiences = no_urls,
		.now_s = NOW};
	const char *raw = arena_strndup(arena, (const char *)data, size);
	struct client_auth_presented presented = {
		.method = CLIENT_AUTH_PRIVATE_KEY_JWT, .client_id = "rd", .assertion = raw};
	must(client_assertion_decide(arena, &presented, &facts).error.code != ERROR_NONE);
	AUTO_JSON json_t *claims = NULL;
	const char *compact = NULL;
	if (json_parse(raw, strlen(raw), &claims, NULL).err == ERR_NONE && json_is_object(claims)) {
		const struct jose_sign in = {key, JOSE_ES256, NULL, claims};
		must(jose_sign(arena, &in, &compact).err == ERR_NONE);
		presented.assertion = compact;
		struct client_auth_decision decision =
			client_assertion_decide(arena, &presented, &facts);
		if (decision.error.code == ERROR_NONE) {
			must(!str_empty(decision.jti));
			must(decision.jti_until_s > NOW);
			must(decision.jti_until_s <=
				NOW + 2 * (CLIENT_AUTH_MAX_AGE_S + CLIENT_AUTH_SKEW_S));
			must(str_eq(json_str(claims, "sub"), "rd"));
		}
	}
	arena_free(arena);
	return 0;
}
