/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/commands.h"
#include "idp/vault/vault_main.h"

int cmd_vault(struct cli *cli)
{
	return vault_main(cli->settings);
}
