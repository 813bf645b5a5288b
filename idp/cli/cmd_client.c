/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/cli/commands.h"
#include "idp/cli/show.h"
#include "idp/cli/table.h"
#include "queries_admin.h"

static json_t *describe(const struct q_admin_client_list_row *row)
{
	json_t *made = json_object();
	json_put(made, "client_id", row->client_id);
	json_put(made, "name", row->name);
	json_put(made, "auth_method", row->auth_method);
	json_put(made, "sector", row->sector);
	json_put(made, "updated_at", row->updated_at);
	json_put_flag(made, "disabled", row->disabled);
	return made;
}

int cmd_client_list(struct cli *cli)
{
	AUTO_JSON json_t *list = json_array();
	static const char *const headings[] = {
		"CLIENT", "NAME", "AUTHENTICATION", "SECTOR", "CHANGED", "STATE", NULL};
	struct table table = table_new(cli->arena, headings);
	struct q_admin_client_list_rows rows;
	if (q_admin_client_list(cli_db(cli), cli->arena, &rows).err)
		return cli_db_fault(cli, cli_db(cli));
	for (size_t i = 0; i < rows.n; i++) {
		const struct q_admin_client_list_row *row = &rows.items[i];
		const char *const cells[] = {row->client_id, row->name, row->auth_method,
			row->sector, row->updated_at, row->disabled ? "disabled" : "active"};
		table_add(&table, cells);
		(void)json_array_append_new(list, describe(row));
	}
	if (cli->json)
		cli_json(cli, list);
	else
		table_print(&table);
	return CLI_OK;
}

int cmd_client_show(struct cli *cli)
{
	const struct q_admin_client_show_in in = {cli->args[0]};
	const struct q_admin_client_show_row *row = NULL;
	if (q_admin_client_show(cli_db(cli), cli->arena, &in, &row).err)
		return cli_db_fault(cli, cli_db(cli));
	if (!row)
		return cli_fail(cli, CLI_REFUSED, "no such client: %s", cli->args[0]);
	return show_object(cli, row->client);
}
