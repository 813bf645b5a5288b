/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/cli/backup.h"
#include "idp/cli/commands.h"
#include "idp/cli/migrate.h"
#include "idp/cli/recover.h"
#include "idp/cli/tool.h"
#include "queries_admin.h"

#define JOBS 2 /* tables that are read at once */
#define JOBS_MAX 64

static void db_auto(struct db **db)
{
	db_free(*db);
}

/* A restore adds to what is there, and replaces nothing. */
static int check_empty(struct cli *cli, struct db *db)
{
	struct q_admin_restore_there_row row;
	if (q_admin_restore_there(db, cli->arena, &row).err != ERR_NONE)
		return cli_db_fault(cli, db);
	if (row.there)
		return cli_fail(cli, CLI_REFUSED,
			"the database %s is not empty: make a new one (createdb), or name another "
			"in the settings",
			row.name);
	return CLI_OK;
}

static int load(struct cli *cli, const char *dir, int64_t jobs)
{
	const char *const argv[] = {"pg_restore", "--exit-on-error", "--no-password",
		"--no-tablespaces", "--dbname=postgresql://",
		arena_printf(cli->arena, "--jobs=%d", (int)jobs),
		arena_printf(cli->arena, "%s/%s", dir, BACKUP_DATABASE), NULL};
	cli_print(cli, "reading %s", dir);
	return tool_run(cli, argv);
}

/* What a new version has added since; then PostgreSQL learns how large each table is. */
static int complete(struct cli *cli, struct db *db)
{
	const struct migrate_plan *plan = NULL;
	if (migrate_plan(cli->arena, db, &plan).err != ERR_NONE)
		return cli_db_fault(cli, db);
	const int status = migrate_run(cli, db, plan, MIGRATE_MAX);
	if (status == CLI_OK && db_script(db, "ANALYZE").err != ERR_NONE)
		return cli_db_fault(cli, db);
	return status;
}

static int restore(struct cli *cli, struct db *db, const char *dir, json_t *manifest)
{
	AUTO_JSON json_t *answer = json_object();
	int64_t jobs = JOBS;
	if (!cli_number(cli, "--jobs", (struct cli_range){1, JOBS_MAX}, &jobs))
		return CLI_USAGE;
	int status = check_empty(cli, db);
	if (status != CLI_OK)
		return status;
	if (migrate_make_roles(db).err != ERR_NONE)
		return cli_db_fault(cli, db);
	status = load(cli, dir, jobs);
	if (status == CLI_OK)
		status = complete(cli, db);
	if (status == CLI_OK)
		status = recover(cli, &(struct recover){db, json_str(manifest, "at")}, answer);
	if (status == CLI_OK && cli->json)
		cli_json(cli, answer);
	return status;
}

int cmd_restore(struct cli *cli)
{
	AUTO_JSON json_t *manifest = NULL;
	const char *const dir = cli->args[0];
	int status = backup_open(cli, dir, &manifest);
	if (status != CLI_OK)
		return status;
	cli_print(cli, "%s is whole; it shows the database as it was at %s", dir,
		json_str(manifest, "at"));
	if (cli_option(cli, "--check")) {
		if (cli->json)
			cli_json(cli, manifest);
		return CLI_OK;
	}
	__attribute__((cleanup(db_auto))) struct db *db =
		db_new(cli->settings->owner_database, "pratu restore");
	status = cli_lock(cli, db);
	return status == CLI_OK ? restore(cli, db, dir, manifest) : status;
}
