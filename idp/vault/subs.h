/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names under which clients know citizens, remembered for SUBS_AGE_S: binding a live session to
 * a client then asks no database. Of a bounded number of places; a new entry may take that of an
 * older one. Safe from any thread.
 */
#ifndef PRATU_VAULT_SUBS_H
#define PRATU_VAULT_SUBS_H

#include "idp/base/arena.h"

#define SUBS_AGE_S 10 /* so long may a citizen be locked before it is noticed here */
#define SUBS_PLACES 4096

struct subs;

/* Owned by the caller; never NULL. */
struct subs *subs_new(void);
/* NULL-safe. */
void subs_free(struct subs *subs);

/* A name depends on the citizen, the client, and how it was registered. */
struct subs_key {
	const char *subject_id, *client_id;
	int64_t client_version;
};
/* The name, in the arena; NULL: it is not remembered. now_ms: clock_now_ms. */
const char *subs_find(
	struct subs *subs, struct arena *arena, const struct subs_key *key, int64_t now_ms);
/* Remember it. sub: a UUID. */
void subs_put(struct subs *subs, const struct subs_key *key, const char *sub, int64_t now_ms);

#endif
