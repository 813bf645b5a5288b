/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL's own programs, run by a command that waits for their end. */
#ifndef PRATU_CLI_TOOL_H
#define PRATU_CLI_TOOL_H

#include "idp/cli/cli.h"

/* Run argv (argv[0] is looked for in PATH; ended by NULL) with umask 0077, connected as
 * owner_database. Its messages go to standard error; standard output is left to us. Returns CLI_OK
 * if it ended well, otherwise CLI_REFUSED, which has been printed. */
int tool_run(struct cli *cli, const char *const *argv);

#endif
