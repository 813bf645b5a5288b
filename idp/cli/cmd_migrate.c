/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/cli/commands.h"
#include "idp/cli/migrate.h"
#include "queries_admin.h"

#define AS_OWNER "SET LOCAL ROLE pratu_owner"

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

static struct result make_roles(struct db *db)
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
	TRY(db_script(db, AS_OWNER));
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
	TRY(db_script(db, AS_OWNER));
	TRY(q_admin_housekeep(db, cli->arena, out));
	return db_commit(db);
}

static int print_housekeeping(struct cli *cli, struct db *db)
{
	struct q_admin_housekeep_rows rows;
	if (housekeep(cli, db, &rows).err)
		return cli_db_fault(cli, db);
	for (size_t i = 0; i < rows.n; i++)
		cli_print(cli, "%-24s %s", rows.items[i].partition, rows.items[i].did);
	return CLI_OK;
}

static int migrate(struct cli *cli, struct db *db, const struct migrate_plan *plan, int64_t to)
{
	const size_t pending = migrate_pending(plan, to);
	if (plan->fault[0] != '\0')
		return cli_fail(cli, CLI_REFUSED, "%s", plan->fault);
	if (make_roles(db).err != ERR_NONE)
		return cli_db_fault(cli, db);
	int status = apply_all(cli, db, plan, to);
	if (status == CLI_OK && plan->n > 0 && to > 0)
		status = print_housekeeping(cli, db);
	if (status == CLI_OK && pending == 0)
		cli_print(cli, "nothing to apply");
	if (status == CLI_OK && cli->json) {
		AUTO_JSON json_t *answer = json_object();
		json_put_int(answer, "applied", (json_int_t)pending);
		cli_json(cli, answer);
	}
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
