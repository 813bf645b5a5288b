/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/cli/commands.h"
#include "idp/cli/show.h"
#include "idp/cli/table.h"
#include "idp/cli/who.h"
#include "queries_admin.h"
#include <string.h>

static json_t *describe(const struct rows *rows, int row)
{
	json_t *made = json_object();
	json_put(made, "citizen_id", rows_text(rows, row, "citizen_id"));
	json_put(made, "name", rows_text(rows, row, "name"));
	json_put_flag(made, "locked", rows_bool(rows, row, "locked"));
	json_put(made, "created_at", rows_text(rows, row, "created_at"));
	return made;
}

static void print_list(const struct cli *cli, const struct rows *rows)
{
	AUTO_JSON json_t *list = json_array();
	static const char *const headings[] = {"CITIZEN", "NAME", "CREATED", "STATE", NULL};
	struct table table = table_new(cli->arena, headings);
	for (int i = 0; i < rows_n(rows); i++) {
		const char *const cells[] = {rows_text(rows, i, "citizen_id"),
			rows_text(rows, i, "name"), rows_text(rows, i, "created_at"),
			rows_bool(rows, i, "locked") ? "locked" : "active"};
		table_add(&table, cells);
		(void)json_array_append_new(list, describe(rows, i));
	}
	if (cli->json)
		cli_json(cli, list);
	else
		table_print(&table);
}

int cmd_citizen_list(struct cli *cli)
{
	AUTO_ROWS struct rows *rows = NULL;
	struct db_args args = db_args(cli->arena);
	int64_t limit = 100;
	const char *after = cli_option(cli, "--after");
	const struct cli_event event = {"citizen_list", "ok", NULL, NULL, NULL};
	if (!cli_number(cli, "--limit", (struct cli_range){1, 10000}, &limit))
		return CLI_USAGE;
	if (after != NULL && !str_is_uuid(str_lower(cli->arena, after, strlen(after))))
		return cli_fail(cli, CLI_USAGE, "--after: expected a citizen_id, came %s", after);
	db_text(&args, after);
	db_int(&args, limit);
	if (db_query(cli_db(cli), &q_admin_citizen_list, &args, &rows).err != ERR_NONE ||
		cli_record(cli, &event).err != ERR_NONE)
		return cli_db_fault(cli, cli_db(cli));
	print_list(cli, rows);
	if (rows_n(rows) == limit)
		cli_warn(cli, "there may be more: --after %s",
			rows_text(rows, rows_n(rows) - 1, "citizen_id"));
	return CLI_OK;
}

int cmd_citizen_show(struct cli *cli)
{
	AUTO_ROWS struct rows *rows = NULL;
	struct db_args args = db_args(cli->arena);
	const char *citizen_id = NULL;
	const int found = who_find(cli, cli->args[0], &citizen_id);
	if (found != CLI_OK)
		return found;
	const struct cli_event event = {"citizen_show", "ok", citizen_id, NULL, NULL};
	db_text(&args, citizen_id);
	/* Nothing is shown before the record says that it was looked at. */
	if (db_query(cli_db(cli), &q_admin_citizen_show, &args, &rows).err != ERR_NONE ||
		cli_record(cli, &event).err != ERR_NONE)
		return cli_db_fault(cli, cli_db(cli));
	if (rows_n(rows) == 0)
		return cli_fail(cli, CLI_REFUSED, "no such citizen");
	return show_object(cli, rows_text(rows, 0, "citizen"));
}

/* Run the query that locks or unlocks, and writes the rows of the record with it. */
static int change(
	struct cli *cli, const struct query *query, const char **citizen_id, struct rows **rows)
{
	AUTO_JSON json_t *detail = json_object();
	struct db_args args = db_args(cli->arena);
	const int found = who_find(cli, cli->args[0], citizen_id);
	if (found != CLI_OK)
		return found;
	json_put(detail, "by", cli_actor(cli));
	json_put(detail, "why", cli_option(cli, "--reason"));
	db_text(&args, *citizen_id);
	db_text(&args, cli_correlation(cli));
	db_text(&args, json_text(cli->arena, detail));
	if (db_query(cli_db(cli), query, &args, rows).err != ERR_NONE)
		return cli_db_fault(cli, cli_db(cli));
	return CLI_OK;
}

int cmd_citizen_lock(struct cli *cli)
{
	AUTO_ROWS struct rows *rows = NULL;
	AUTO_JSON json_t *answer = json_object();
	const char *citizen_id = NULL;
	const int status = change(cli, &q_admin_citizen_lock, &citizen_id, &rows);
	if (status != CLI_OK)
		return status;
	const bool changed = rows_bool(rows, 0, "changed");
	json_put(answer, "citizen_id", citizen_id);
	json_put_flag(answer, "changed", changed);
	json_put_int(answer, "sessions_ended", rows_int(rows, 0, "sessions", 0));
	json_put_int(answer, "grants_revoked", rows_int(rows, 0, "grants", 0));
	if (cli->json)
		cli_json(cli, answer);
	cli_say(cli, "%s %s; sessions ended: %s, grants revoked: %s", citizen_id,
		changed ? "is locked" : "was locked already", rows_text(rows, 0, "sessions"),
		rows_text(rows, 0, "grants"));
	return CLI_OK;
}

int cmd_citizen_unlock(struct cli *cli)
{
	AUTO_ROWS struct rows *rows = NULL;
	AUTO_JSON json_t *answer = json_object();
	const char *citizen_id = NULL;
	const int status = change(cli, &q_admin_citizen_unlock, &citizen_id, &rows);
	if (status != CLI_OK)
		return status;
	const bool changed = rows_bool(rows, 0, "changed");
	json_put(answer, "citizen_id", citizen_id);
	json_put_flag(answer, "changed", changed);
	if (cli->json)
		cli_json(cli, answer);
	cli_say(cli, "%s %s", citizen_id, changed ? "may sign in again" : "was not locked");
	return CLI_OK;
}
