/* SPDX-License-Identifier: Apache-2.0 */
/* The commands, each in idp/cli/cmd_<name>.c; the table is in main.c, those of the roles in
 * roles.c. Each returns an enum cli_exit. */
#ifndef PRATU_CLI_COMMANDS_H
#define PRATU_CLI_COMMANDS_H

#include "idp/cli/cli.h"

/* Each runs its command with cli's options and arguments, prints its result or its error, and
 * returns an enum cli_exit. */
int cmd_init(struct cli *cli);
int cmd_migrate(struct cli *cli);
int cmd_serve(struct cli *cli);
int cmd_apply(struct cli *cli);
int cmd_client_list(struct cli *cli);
int cmd_client_show(struct cli *cli);
int cmd_client_remove(struct cli *cli);
int cmd_client_secret_new(struct cli *cli);
int cmd_citizen_list(struct cli *cli);
int cmd_citizen_show(struct cli *cli);
int cmd_citizen_lock(struct cli *cli);
int cmd_citizen_unlock(struct cli *cli);
int cmd_keys_list(struct cli *cli);
int cmd_keys_rotate(struct cli *cli);
int cmd_session_end(struct cli *cli);
int cmd_backup(struct cli *cli);
int cmd_restore(struct cli *cli);
int cmd_recover(struct cli *cli);
int cmd_records_list(struct cli *cli);
int cmd_records_index(struct cli *cli);
int cmd_records_expire(struct cli *cli);
int cmd_doctor(struct cli *cli);
int cmd_version(struct cli *cli);

#endif
