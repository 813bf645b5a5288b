/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault's few database connections, shared by all who ask: an operation takes one for its
 * statements and gives it back before it hashes.
 */
#ifndef PRATU_VAULT_POOL_H
#define PRATU_VAULT_POOL_H

#include "idp/io/db.h"

#define POOL_WAIT_S 3 /* for a free connection */

struct pool;

/* n connections to conninfo, each opened at its first use. Owned by the caller; never NULL. */
struct pool *pool_new(const char *conninfo, const char *application, size_t n);
/* All leases must have been returned. NULL-safe. */
void pool_free(struct pool *pool);

/* Have all its connections counted: db_observe. Before the first is taken. */
void pool_observe(struct pool *pool, struct meter *meter);
struct pool_figures {
	int64_t size, free; /* connections */
	int64_t refused; /* waits that ended without one, since the start */
};
/* The counts at this moment. Any thread. */
struct pool_figures pool_figures(struct pool *pool);

/* One connection on loan: AUTO_LEASE struct pool_lease lease = {0}; gives it back at the end of the
 * scope. */
struct pool_lease {
	struct pool *pool;
	struct db *db;
};
#define AUTO_LEASE __attribute__((cleanup(pool_give)))
/* Wait for a free one. ERR_BUSY: none for POOL_WAIT_S. */
MUST_CHECK struct result pool_take(struct pool *pool, struct pool_lease *out);
/* Give it back, rolling back a transaction that was left open. Harmless if nothing is on loan. */
void pool_give(struct pool_lease *lease);

#endif
