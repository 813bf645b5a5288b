/* SPDX-License-Identifier: Apache-2.0 */
/* The help texts, made from the table of commands. */
#ifndef PRATU_CLI_CLI_HELP_H
#define PRATU_CLI_CLI_HELP_H

#include "idp/cli/cli.h"
#include <stdio.h>

/* The options that every command has; ended by a NULL name. */
extern const struct cli_option cli_help_common[];

/* What each exit status means, by its number (enum cli_exit). */
#define CLI_HELP_EXITS 4
extern const char *const cli_help_exits[CLI_HELP_EXITS];

/* All commands, a line each. */
void cli_help_all(FILE *out, const struct cli_command *table);
/* The commands whose first word is `word`, a line each. False, and nothing written: there is none.
 */
bool cli_help_group(FILE *out, const struct cli_command *table, const char *word);
/* One command with its options and the exit codes. */
void cli_help_command(FILE *out, const struct cli_command *command);

#endif
