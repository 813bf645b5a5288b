/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/commands.h"
#include "idp/cli/confirm.h"
#include "idp/cli/recover.h"

static void db_auto(struct db **db)
{
	db_free(*db);
}

int cmd_recover(struct cli *cli)
{
	AUTO_JSON json_t *answer = json_object();
	const bool nothing_lost = cli_option(cli, "--nothing-lost") != NULL;
	const char *to = NULL;
	if (!cli_time(cli, "--to", &to))
		return CLI_USAGE;
	if (nothing_lost == (to != NULL))
		return cli_fail(cli, CLI_USAGE,
			"expected --to TIME, the moment that this database shows, or "
			"--nothing-lost");
	int status = nothing_lost
			     ? CLI_OK
			     : confirm(cli, "every citizen is signed out, every agency loses its "
					    "tokens, and every signing key is withdrawn");
	if (status != CLI_OK)
		return status;
	__attribute__((cleanup(db_auto))) struct db *db =
		db_new(cli->settings->owner_database, "pratu recover");
	status = cli_lock(cli, db);
	if (status == CLI_OK)
		status = recover(cli, &(struct recover){db, to}, answer);
	if (status == CLI_OK && cli->json)
		cli_json(cli, answer);
	return status;
}
