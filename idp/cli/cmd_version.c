/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/commands.h"

int cmd_version(struct cli *cli)
{
	AUTO_JSON json_t *answer = json_object();
	cli_print(cli, "pratu %s", PRATU_VERSION);
	json_put(answer, "version", PRATU_VERSION);
	if (cli->json)
		cli_json(cli, answer);
	return CLI_OK;
}
