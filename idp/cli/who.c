/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/who.h"
#include "idp/base/str.h"
#include "queries_admin.h"
#include <string.h>

static int nobody(const struct cli *cli)
{
	return cli_fail(cli, CLI_REFUSED, "no such citizen");
}

static int find_uuid(struct cli *cli, const char *text, const char **citizen_id)
{
	AUTO_ROWS struct rows *rows = NULL;
	struct db_args args = db_args(cli->arena);
	db_text(&args, text);
	if (db_query(cli_db(cli), &q_admin_citizen_find, &args, &rows).err != ERR_NONE)
		return cli_db_fault(cli, cli_db(cli));
	if (rows_n(rows) == 0)
		return nobody(cli);
	*citizen_id = arena_strdup(cli->arena, rows_text(rows, 0, "citizen_id"));
	return CLI_OK;
}

/* The vault knows which texts are national IDs and which aliases: it refuses the other kind. */
static int ask_vault(struct cli *cli, const char *kind, const char *text, const char **citizen_id)
{
	AUTO_JSON json_t *request = json_object();
	AUTO_JSON json_t *reply = NULL;
	json_put(request, "op", "blind_index");
	json_put(request, "kind", kind);
	json_put(request, "value", text);
	const int status = cli_vault(cli, request, &reply);
	if (status == CLI_OK)
		*citizen_id = arena_strdup(cli->arena, json_str(reply, "citizen_id"));
	return status;
}

int who_find(struct cli *cli, const char *text, const char **citizen_id)
{
	static const char *const kinds[] = {"national_id", "alias"};
	const char *found = NULL;
	const char *id = str_lower(cli->arena, text, strlen(text));
	if (str_is_uuid(id))
		return find_uuid(cli, id, citizen_id);
	for (size_t i = 0; i < 2 && found == NULL; i++) {
		const int status = ask_vault(cli, kinds[i], text, &found);
		if (status != CLI_OK)
			return status;
	}
	if (found == NULL)
		return nobody(cli);
	*citizen_id = found;
	return CLI_OK;
}
