/* SPDX-License-Identifier: Apache-2.0 */
/* The manual page and the completion for bash, made from the table of commands as the help texts
 * are: `pratu help man` and `pratu help bash`. What is installed is printed at build time. */
#ifndef PRATU_CLI_CLI_MANUAL_H
#define PRATU_CLI_CLI_MANUAL_H

#include "idp/cli/cli.h"
#include <stdio.h>

/* pratu(8), in man(7)'s macros. table is ended by a NULL name. */
void cli_manual_page(FILE *out, const struct cli_command *table);
/* A script that bash reads: commands, options, their choices, files. */
void cli_manual_completion(FILE *out, const struct cli_command *table);

#endif
