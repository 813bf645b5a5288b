/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/cli/backup.h"
#include "idp/cli/commands.h"
#include "idp/cli/files.h"
#include "idp/cli/migrate.h"
#include "idp/cli/tool.h"
#include "queries_admin.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define JOBS 2 /* tables that are written at once */
#define JOBS_MAX 64

static const char START[] = "SET LOCAL idle_in_transaction_session_timeout = 0; "
			    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY";

static void db_auto(struct db **db)
{
	db_free(*db);
}

/* New, or empty and nobody else's to look into. */
static int make_directory(struct cli *cli, const char *dir)
{
	bool made = false;
	if (files_directory(dir, 0700, &made).err != ERR_NONE)
		return cli_fail(cli, CLI_REFUSED, "cannot make %s: %s", dir, strerror(errno));
	if (!made && !files_is_empty(dir))
		return cli_fail(cli, CLI_REFUSED,
			"%s is not empty: a backup is not written over another", dir);
	if (!made && chmod(dir, 0700) != 0)
		return cli_fail(cli, CLI_REFUSED, "%s: %s", dir, strerror(errno));
	return CLI_OK;
}

/* The transaction lasts as long as pg_dump works, for the snapshot. */
static struct result begin(struct cli *cli, struct db *db, struct q_admin_backup_begin_row *out)
{
	TRY(db_begin(db));
	TRY(db_script(db, START));
	return q_admin_backup_begin(db, cli->arena, out);
}

static int check_schema(struct cli *cli, struct db *db, size_t *schema)
{
	const struct migrate_plan *plan = NULL;
	if (migrate_plan(cli->arena, db, &plan).err != ERR_NONE)
		return cli_db_fault(cli, db);
	if (plan->fault[0] != '\0' || migrate_pending(plan, MIGRATE_MAX) > 0)
		return cli_fail(cli, CLI_REFUSED, "%s",
			plan->fault[0] != '\0' ? plan->fault
					       : "this database is of an older version: use the "
						 "pratu that it belongs to, or run pratu migrate");
	*schema = plan->n;
	return CLI_OK;
}

static int dump(struct cli *cli, const char *dir, const char *snapshot, int64_t jobs)
{
	const char *const argv[] = {"pg_dump", "--format=directory", "--no-password",
		"--role=pratu_owner", arena_printf(cli->arena, "--jobs=%d", (int)jobs),
		arena_printf(cli->arena, "--snapshot=%s", snapshot),
		arena_printf(cli->arena, "--file=%s/%s", dir, BACKUP_DATABASE), NULL};
	cli_print(cli, "writing %s", dir);
	return tool_run(cli, argv);
}

/* Is its list of contents whole? */
static int look_through(struct cli *cli, const char *dir)
{
	const char *const argv[] = {"pg_restore", "--list", "--file=/dev/null",
		arena_printf(cli->arena, "%s/%s", dir, BACKUP_DATABASE), NULL};
	return tool_run(cli, argv);
}

static json_t *manifest_of(const struct q_admin_backup_begin_row *row, size_t schema)
{
	json_t *made = json_object();
	json_put_int(made, "format", BACKUP_FORMAT);
	json_put(made, "pratu", PRATU_VERSION);
	json_put_int(made, "schema", (json_int_t)schema);
	json_put(made, "at", row->at);
	json_put(made, "lsn", row->lsn);
	json_put(made, "database", row->database);
	json_put(made, "system_identifier", row->system_identifier);
	json_put(made, "server_version", row->server_version);
	return made;
}

static int write_manifest(struct cli *cli, const char *dir, json_t *manifest)
{
	json_t *files = NULL;
	const int listed = backup_list(cli, dir, &files);
	if (listed != CLI_OK)
		return listed;
	json_put_new(manifest, "files", files);
	const struct files_new file = {arena_printf(cli->arena, "%s/%s", dir, BACKUP_MANIFEST),
		arena_printf(cli->arena, "%s\n", json_text(cli->arena, manifest)), 0600};
	bool made = false;
	if (files_write_new(&file, &made).err != ERR_NONE || !made)
		return cli_fail(
			cli, CLI_REFUSED, "cannot write %s: %s", file.path, strerror(errno));
	return CLI_OK;
}

static void print(struct cli *cli, const char *dir, const json_t *manifest)
{
	int64_t bytes = 0;
	size_t i;
	json_t *file;
	json_array_foreach((json_t *)(uintptr_t)json_arr(manifest, "files"), i, file)
	{
		bytes += json_int(file, "bytes", 0);
	}
	cli_print(cli,
		"%s shows the database as it was at %s: %lld MiB in %zu files\n"
		"The key file is not in it, on purpose: keep a copy of %s somewhere else.\n"
		"Whoever has both has everything; without the key file the backup is of no use.",
		dir, json_str(manifest, "at"), (long long)(bytes / 1048576),
		json_array_size(json_arr(manifest, "files")), cli->settings->key_file);
	if (cli->json)
		cli_json(cli, manifest);
}

/* DIR, or below it 2026-11-20T020700Z. */
static const char *directory(struct cli *cli)
{
	const time_t now = (time_t)clock_now_s(&cli->clock);
	char name[32] = "";
	struct tm utc;
	if (!cli_option(cli, "--dated"))
		return cli->args[0];
	if (gmtime_r(&now, &utc))
		(void)strftime(name, sizeof name, "%Y-%m-%dT%H%M%SZ", &utc);
	return arena_printf(cli->arena, "%s/%s", cli->args[0], name);
}

int cmd_backup(struct cli *cli)
{
	const char *const dir = directory(cli);
	struct q_admin_backup_begin_row row;
	size_t schema = 0;
	int64_t jobs = JOBS;
	if (!cli_number(cli, "--jobs", (struct cli_range){1, JOBS_MAX}, &jobs))
		return CLI_USAGE;
	__attribute__((cleanup(db_auto))) struct db *db =
		db_new(cli->settings->owner_database, "pratu backup");
	int status = check_schema(cli, db, &schema);
	if (status == CLI_OK)
		status = make_directory(cli, dir);
	if (status != CLI_OK)
		return status;
	if (begin(cli, db, &row).err != ERR_NONE)
		return cli_db_fault(cli, db);
	AUTO_JSON json_t *manifest = manifest_of(&row, schema);
	status = dump(cli, dir, row.snapshot, jobs);
	db_rollback(db);
	if (status == CLI_OK)
		status = look_through(cli, dir);
	if (status == CLI_OK)
		status = write_manifest(cli, dir, manifest);
	if (status == CLI_OK)
		print(cli, dir, manifest);
	return status;
}
