/* SPDX-License-Identifier: Apache-2.0 */
/* From what a person types for a citizen to the citizen meant. */
#ifndef PRATU_CLI_WHO_H
#define PRATU_CLI_WHO_H

#include "idp/cli/cli.h"

#define WHO_HELP \
	"WHO is a citizen_id, a sub that an agency knows, a national ID or an alias; the latter " \
	"two need\nthe vault."

/* Find one citizen. *citizen_id lives in the arena. Anything but CLI_OK has been printed:
 * CLI_REFUSED nobody, CLI_AWAY. */
int who_find(struct cli *cli, const char *text, const char **citizen_id);

#endif
