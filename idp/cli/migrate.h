/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded migrations beside what the database has. Read by `pratu migrate` and `pratu doctor`.
 */
#ifndef PRATU_CLI_MIGRATE_H
#define PRATU_CLI_MIGRATE_H

#include "idp/io/db.h"

#define MIGRATE_MAX 200

struct migrate_step {
	int version;
	const char *name; /* "001_house.sql" */
	const char *text;
	uint8_t sha256[SHA256_LEN];
	const char *applied_at; /* RFC 3339, or NULL: not yet */
};

struct migrate_plan {
	size_t n;
	struct migrate_step steps[MIGRATE_MAX]; /* by version */
	char fault[300]; /* "" or why nothing may be applied: a changed file, a newer database */
};

/* Compare. *out lives in the arena. ERR_DB. */
MUST_CHECK struct result migrate_plan(
	struct arena *arena, struct db *db, const struct migrate_plan **out);
/* How many are not applied, up to and with version `to`. */
size_t migrate_pending(const struct migrate_plan *plan, int64_t to);
/* The script that makes the roles. */
const char *migrate_roles(void);

#endif
