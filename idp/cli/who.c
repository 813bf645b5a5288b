/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/who.h"
#include "idp/base/str.h"
#include "queries_admin.h"
#include "vault_table.h"
#include <string.h>

static int nobody(const struct cli *cli)
{
	return cli_fail(cli, CLI_REFUSED, "no such citizen");
}

static int find_uuid(struct cli *cli, const char *text, const char **citizen_id)
{
	const struct q_admin_citizen_find_in in = {text};
	const struct q_admin_citizen_find_row *row = NULL;
	if (q_admin_citizen_find(cli_db(cli), cli->arena, &in, &row).err)
		return cli_db_fault(cli, cli_db(cli));
	if (!row)
		return nobody(cli);
	*citizen_id = row->citizen_id;
	return CLI_OK;
}

/* The vault knows which texts are national IDs and which aliases: it refuses the other kind. */
static int ask_vault(struct cli *cli, const char *kind, const char *text, const char **citizen_id)
{
	const struct vault_blind_index_in in = {kind, text};
	struct vault_blind_index_out out;
	const struct result asked = vault_call_blind_index(cli_vault(cli), cli->arena, &in, &out);
	*citizen_id = out.citizen_id;
	return cli_vault_status(cli, asked, out.outcome);
}

int who_find(struct cli *cli, const char *text, const char **citizen_id)
{
	static const char *const kinds[] = {"national_id", "alias"};
	const char *found = NULL;
	const char *id = str_lower(cli->arena, text, strlen(text));
	if (str_is_uuid(id))
		return find_uuid(cli, id, citizen_id);
	for (size_t i = 0; i < 2 && !found; i++) {
		const int status = ask_vault(cli, kinds[i], text, &found);
		if (status != CLI_OK)
			return status;
	}
	if (!found)
		return nobody(cli);
	*citizen_id = found;
	return CLI_OK;
}
