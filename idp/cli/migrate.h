/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded migrations beside what the database has. Read by `pratu migrate` and `pratu doctor`.
 */
#ifndef PRATU_CLI_MIGRATE_H
#define PRATU_CLI_MIGRATE_H

#include "idp/cli/cli.h"
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

/* The first statement of a transaction that works on what pratu_owner owns. */
#define MIGRATE_AS_OWNER "SET LOCAL ROLE pratu_owner"
/* Make the roles and their rights on this database; what is there stays. db: as owner_database.
 * ERR_DB. */
MUST_CHECK struct result migrate_make_roles(struct db *db);
/* Make the roles, apply what is not applied up to version `to`, make partitions ahead; print each.
 * plan: as it was before. Returns an enum cli_exit. */
int migrate_run(struct cli *cli, struct db *db, const struct migrate_plan *plan, int64_t to);
/* Make partitions ahead and drop those that are over, printing each. Returns an enum cli_exit. */
int migrate_housekeep(struct cli *cli, struct db *db);

#endif
