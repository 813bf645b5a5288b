/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/cli/commands.h"
#include "idp/cli/show.h"
#include "idp/cli/table.h"
#include "queries_admin.h"
#include <string.h>

static json_t *describe(const struct rows *rows, int row)
{
	static const char *const names[] = {
		"client_id", "name", "auth_method", "sector", "updated_at"};
	json_t *made = json_object();
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		json_put(made, names[i], rows_text(rows, row, names[i]));
	json_put_flag(made, "disabled", rows_bool(rows, row, "disabled"));
	return made;
}

int cmd_client_list(struct cli *cli)
{
	AUTO_ROWS struct rows *rows = NULL;
	AUTO_JSON json_t *list = json_array();
	static const char *const headings[] = {
		"CLIENT", "NAME", "AUTHENTICATION", "SECTOR", "CHANGED", "STATE", NULL};
	struct table table = table_new(cli->arena, headings);
	if (db_query(cli_db(cli), &q_admin_client_list, NULL, &rows).err != ERR_NONE)
		return cli_db_fault(cli, cli_db(cli));
	for (int i = 0; i < rows_n(rows); i++) {
		const char *const cells[] = {rows_text(rows, i, "client_id"),
			rows_text(rows, i, "name"), rows_text(rows, i, "auth_method"),
			rows_text(rows, i, "sector"), rows_text(rows, i, "updated_at"),
			rows_bool(rows, i, "disabled") ? "disabled" : "active"};
		table_add(&table, cells);
		(void)json_array_append_new(list, describe(rows, i));
	}
	if (cli->json)
		cli_json(cli, list);
	else
		table_print(&table);
	return CLI_OK;
}

int cmd_client_show(struct cli *cli)
{
	AUTO_ROWS struct rows *rows = NULL;
	struct db_args args = db_args(cli->arena);
	db_text(&args, cli->args[0]);
	if (db_query(cli_db(cli), &q_admin_client_show, &args, &rows).err != ERR_NONE)
		return cli_db_fault(cli, cli_db(cli));
	if (rows_n(rows) == 0)
		return cli_fail(cli, CLI_REFUSED, "no such client: %s", cli->args[0]);
	return show_object(cli, rows_text(rows, 0, "client"));
}
