/* SPDX-License-Identifier: Apache-2.0 */
/* The options and arguments of a command line, read by getopt_long with the table of commands: for
 * idp/cli/cli.c alone. It keeps state of its own in getopt's globals, so one thread may call it. */
#ifndef PRATU_CLI_CLI_ARGV_H
#define PRATU_CLI_CLI_ARGV_H

#include "idp/cli/cli.h"

/* Read the options that precede the command. argv[0] is the program's name. *words: the index in
 * argv of the first word that is no option, argc where there is none. False: not understood, which
 * has been printed (exit with CLI_USAGE). */
bool cli_argv_before(struct cli *cli, int argc, char **argv, int *words);
/* Read the options and arguments of cli->command, in any order; "--" ends the options. argv[0] is
 * the last word of the command's name; argv is reordered. False: as above. */
bool cli_argv_of_command(struct cli *cli, int argc, char **argv);

#endif
