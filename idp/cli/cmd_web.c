/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/commands.h"
#include "idp/web/web_main.h"

int cmd_web(struct cli *cli)
{
	return web_main(cli->settings);
}
