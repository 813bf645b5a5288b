/* SPDX-License-Identifier: Apache-2.0 */
/* The commands, each in idp/cli/cmd_<name>.c; the table is in main.c. Each returns an enum
 * cli_exit. */
#ifndef PRATU_CLI_COMMANDS_H
#define PRATU_CLI_COMMANDS_H

#include "idp/cli/cli.h"

int cmd_init(struct cli *cli);
int cmd_migrate(struct cli *cli);
int cmd_serve(struct cli *cli);
int cmd_web(struct cli *cli);
int cmd_vault(struct cli *cli);
int cmd_apply(struct cli *cli);
int cmd_version(struct cli *cli);

#endif
