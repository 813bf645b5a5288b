/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/client_auth_secret.h"
#include <string.h>

static bool hash_fits(const char *secret, const uint8_t *wanted)
{
	uint8_t hash[SHA256_LEN];
	crypto_sha256(secret, strlen(secret), hash);
	const bool same = crypto_equal(hash, wanted, SHA256_LEN);
	explicit_bzero(hash, sizeof(hash));
	return same;
}

/* The same work whether there is a secret to compare with or not. */
static bool one_fits(const struct client_auth_presented *presented,
	const struct client_auth_facts *facts, const struct bytes *stored)
{
	static const uint8_t nobody[SHA256_LEN];
	const bool has = facts->client && stored->data && stored->len == SHA256_LEN;
	const uint8_t *wanted = has ? stored->data : nobody;
	const char *plain = presented->plain ? presented->plain : presented->secret;
	const bool decoded_fits = hash_fits(presented->secret, wanted);
	const bool plain_fits = hash_fits(plain, wanted);
	return (decoded_fits || plain_fits) && has;
}

/* Both are always compared: while a secret is changed, two are good. */
static bool secret_fits(
	const struct client_auth_presented *presented, const struct client_auth_facts *facts)
{
	const bool present = one_fits(presented, facts, &facts->secret_hash);
	const bool former = one_fits(presented, facts, &facts->former_hash);
	return present || former;
}

struct client_auth_decision client_auth_secret_decide(struct arena *arena,
	const struct client_auth_presented *presented, const struct client_auth_facts *facts)
{
	if (!secret_fits(presented, facts))
		return client_auth_refuse(error_make(arena, ERROR_INVALID_CLIENT,
						  "client_id and client_secret are not those of a "
						  "registered client."),
			facts->client ? "wrong_secret" : "unknown_client");
	return (struct client_auth_decision){0};
}
