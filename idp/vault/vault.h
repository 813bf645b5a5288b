/* SPDX-License-Identifier: Apache-2.0 */
/* What the operations of the vault work with: made once by vault_main, shared by all its threads.
 */
#ifndef PRATU_VAULT_VAULT_H
#define PRATU_VAULT_VAULT_H

#include "idp/base/clock.h"
#include "idp/base/rng.h"
#include "idp/base/settings.h"
#include "idp/base/tally.h"
#include "idp/vault/blocklist.h"
#include "idp/vault/hasher.h"
#include "idp/vault/keyring.h"
#include "idp/vault/password.h"
#include "idp/vault/pool.h"
#include "idp/vault/seal.h"
#include "idp/vault/subs.h"
#include "otp/factor.h"
#include <stdatomic.h>

struct vault {
	_Atomic(const struct settings *) settings; /* those in force (idp/io/reload.h) */
	struct clock clock;
	struct rng rng;
	const struct secrets *secrets;
	struct pool *pool;
	struct hasher *hasher;
	struct keyring *keyring;
	struct tally *tally; /* refusals without a row of their own */
	struct subs *subs;
	/* What is counted, see op_metrics.c; NULL in tests. */
	struct meter *calls, *operations, *checks;
	struct blocklist *blocklist; /* of passwords */
	const struct factor_table *factors; /* the kinds of second factors that are accepted */
	struct password_cost cost;
	char dummy_hash[PASSWORD_HASH_SIZE]; /* of no password: for those who have none */
	int64_t started_at_s;
};

#endif
