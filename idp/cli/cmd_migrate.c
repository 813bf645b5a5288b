/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/cli/commands.h"
#include "idp/cli/migrate.h"
#include "queries_admin.h"

static void db_auto(struct db **db)
{
	db_free(*db);
}

static int show_status(struct cli *cli, const struct migrate_plan *plan)
{
	AUTO_JSON json_t *list = json_array();
	for (size_t i = 0; i < plan->n; i++) {
		const struct migrate_step *step = &plan->steps[i];
		json_t *item = json_object();
		json_put_int(item, "version", step->version);
		json_put(item, "name", step->name);
		json_put(item, "applied_at", step->applied_at);
		(void)json_array_append_new(list, item);
		cli_print(cli, "%-24s %s", step->name,
			step->applied_at ? step->applied_at : "not applied");
	}
	if (cli->json)
		cli_json(cli, list);
	if (plan->fault[0] != '\0') {
		cli_warn(cli, "%s", plan->fault);
		return CLI_REFUSED;
	}
	return migrate_pending(plan, MIGRATE_MAX) == 0 ? CLI_OK : CLI_REFUSED;
}

static int migrate(struct cli *cli, struct db *db, const struct migrate_plan *plan, int64_t to)
{
	AUTO_JSON json_t *answer = json_object();
	const int status = migrate_run(cli, db, plan, to);
	json_put_int(answer, "applied", (json_int_t)migrate_pending(plan, to));
	if (status == CLI_OK && cli->json)
		cli_json(cli, answer);
	return status;
}

int cmd_migrate(struct cli *cli)
{
	const struct migrate_plan *plan = NULL;
	int64_t to = MIGRATE_MAX;
	if (!cli_number(cli, "--to", (struct cli_range){0, MIGRATE_MAX}, &to))
		return CLI_USAGE;
	__attribute__((cleanup(db_auto))) struct db *db =
		db_new(cli->settings->owner_database, "pratu migrate");
	const bool look_only = cli_option(cli, "--status") != NULL;
	const int locked = look_only ? CLI_OK : cli_lock(cli, db);
	if (locked != CLI_OK)
		return locked;
	if (migrate_plan(cli->arena, db, &plan).err != ERR_NONE)
		return cli_db_fault(cli, db);
	return look_only ? show_status(cli, plan) : migrate(cli, db, plan, to);
}
