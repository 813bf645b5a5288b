/* SPDX-License-Identifier: Apache-2.0 */
/* A whole object as it is in the database, for people or as JSON. */
#ifndef PRATU_CLI_SHOW_H
#define PRATU_CLI_SHOW_H

#include "idp/cli/cli.h"

/* Print a JSON object that the database made: as it is with --json, otherwise a line for each
 * member, those of objects within indented. Returns the exit status. */
int show_object(const struct cli *cli, const char *text);

#endif
