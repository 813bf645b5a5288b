/* SPDX-License-Identifier: Apache-2.0 */
/* The secrets of second factors as the database holds them: sealed or as a keyed hash, as the
 * factor's row defines. */
#ifndef PRATU_VAULT_FACTOR_SECRET_H
#define PRATU_VAULT_FACTOR_SECRET_H

#include "idp/vault/seal.h"
#include "otp/factor.h"

/* Whose secret, of which kind. */
struct factor_owner {
	const struct factor *factor;
	const char *citizen_id;
};

/* The form in which a value (as the row's read gave it) is stored, in the arena. ERR_CRYPTO. */
MUST_CHECK struct result factor_secret_put(const struct seal *seal, struct factor_owner owner,
	struct bytes value, struct bytes *stored);
/* Is that value what is stored? */
bool factor_secret_same(const struct seal *seal, struct factor_owner owner, struct bytes value,
	struct bytes stored);
/* What judging a code needs of what is stored: secret and code_hash of *facts are set, whose code
 * is. ERR_CRYPTO: it does not open. */
MUST_CHECK struct result factor_secret_facts(const struct seal *seal, struct factor_owner owner,
	struct bytes stored, struct factor_facts *facts);

#endif
