/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/migrate.h"
#include "idp/base/str.h"
#include "idp/cli/cli.h"
#include "migrations.h"
#include "queries_admin.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *migrate_roles(void)
{
	for (const struct embedded_file *file = migrations_files; file->name; file++)
		if (str_eq(file->name, "roles.sql"))
			return file->text;
	abort(); /* the build embeds it */
}

/* The embedded files are in order of name, and so of number. */
static void known_steps(struct migrate_plan *plan)
{
	for (const struct embedded_file *file = migrations_files; file->name; file++) {
		const int version = cli_digits(file->name, 3);
		if (version <= 0)
			continue;
		if (plan->n == MIGRATE_MAX)
			abort();
		struct migrate_step *step = &plan->steps[plan->n++];
		step->version = version;
		step->name = file->name;
		step->text = file->text;
		crypto_sha256(file->text, file->len, step->sha256);
	}
}

static struct migrate_step *find(struct migrate_plan *plan, int64_t version)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->steps[i].version == version)
			return &plan->steps[i];
	return NULL;
}

static void match(const struct q_admin_migration_list_row *row, struct migrate_plan *plan)
{
	struct migrate_step *step = find(plan, row->version);
	if (!step) {
		(void)snprintf(plan->fault, sizeof plan->fault,
			"the database has migration %s, which this pratu does not know: a newer "
			"pratu "
			"made it",
			row->name);
		return;
	}
	step->applied_at = row->applied_at;
	if (row->sha256.len != SHA256_LEN ||
		memcmp(row->sha256.data, step->sha256, SHA256_LEN) != 0)
		(void)snprintf(plan->fault, sizeof plan->fault,
			"%s is not the file that was applied at %s: an applied migration never "
			"changes",
			step->name, row->applied_at);
}

/* A hole would be a file that was sent with a lower number after higher ones were applied. */
static void check_order(struct migrate_plan *plan)
{
	for (size_t i = 1; i < plan->n; i++)
		if (plan->steps[i].applied_at && !plan->steps[i - 1].applied_at)
			(void)snprintf(plan->fault, sizeof plan->fault,
				"%s is not applied, but %s is", plan->steps[i - 1].name,
				plan->steps[i].name);
}

struct result migrate_plan(struct arena *arena, struct db *db, const struct migrate_plan **out)
{
	struct q_admin_migration_there_row any;
	struct q_admin_migration_list_rows rows;
	struct migrate_plan *plan = ARENA_NEW(arena, struct migrate_plan);
	known_steps(plan);
	TRY(q_admin_migration_there(db, arena, &any));
	if (any.there) {
		TRY(q_admin_migration_list(db, arena, &rows));
		for (size_t i = 0; i < rows.n; i++)
			match(&rows.items[i], plan);
		check_order(plan);
	}
	*out = plan;
	return OK;
}

size_t migrate_pending(const struct migrate_plan *plan, int64_t to)
{
	size_t n = 0;
	for (size_t i = 0; i < plan->n; i++)
		if (!plan->steps[i].applied_at && plan->steps[i].version <= to)
			n++;
	return n;
}

struct result migrate_make_roles(struct db *db)
{
	TRY(db_begin(db));
	TRY(db_script(db, migrate_roles()));
	return db_commit(db);
}

static struct result apply(struct cli *cli, struct db *db, const struct migrate_step *step)
{
	const struct q_admin_migration_insert_in in = {
		step->version, step->name, {step->sha256, sizeof step->sha256}};
	TRY(db_begin(db));
	TRY(db_script(db, MIGRATE_AS_OWNER));
	TRY(db_script(db, step->text));
	TRY(q_admin_migration_insert(db, cli->arena, &in, NULL));
	return db_commit(db);
}

static int apply_all(struct cli *cli, struct db *db, const struct migrate_plan *plan, int64_t to)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct migrate_step *step = &plan->steps[i];
		if (step->applied_at || step->version > to)
			continue;
		if (apply(cli, db, step).err != ERR_NONE) {
			cli_warn(cli, "%s was not applied; it was rolled back", step->name);
			return cli_db_fault(cli, db);
		}
		cli_print(cli, "%-24s applied", step->name);
	}
	return CLI_OK;
}

static struct result housekeep(struct cli *cli, struct db *db, struct q_admin_housekeep_rows *out)
{
	TRY(db_begin(db));
	TRY(db_script(db, MIGRATE_AS_OWNER));
	TRY(q_admin_housekeep(db, cli->arena, out));
	return db_commit(db);
}

int migrate_housekeep(struct cli *cli, struct db *db)
{
	struct q_admin_housekeep_rows rows;
	if (housekeep(cli, db, &rows).err)
		return cli_db_fault(cli, db);
	for (size_t i = 0; i < rows.n; i++)
		cli_print(cli, "%-24s %s", rows.items[i].partition, rows.items[i].did);
	return CLI_OK;
}

int migrate_run(struct cli *cli, struct db *db, const struct migrate_plan *plan, int64_t to)
{
	const size_t pending = migrate_pending(plan, to);
	if (plan->fault[0] != '\0')
		return cli_fail(cli, CLI_REFUSED, "%s", plan->fault);
	if (migrate_make_roles(db).err != ERR_NONE)
		return cli_db_fault(cli, db);
	int status = apply_all(cli, db, plan, to);
	if (status == CLI_OK && plan->n > 0 && to > 0)
		status = migrate_housekeep(cli, db);
	if (status == CLI_OK && pending == 0)
		cli_print(cli, "nothing to apply");
	return status;
}
