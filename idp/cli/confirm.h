/* SPDX-License-Identifier: Apache-2.0 */
/* The question before something that cannot be undone. */
#ifndef PRATU_CLI_CONFIRM_H
#define PRATU_CLI_CONFIRM_H

#include "idp/cli/cli.h"

/* Ask at the terminal whether to go on; what: what will happen. With --yes it is not asked. CLI_OK:
 * go on. Otherwise it has been printed: CLI_REFUSED for another answer than "yes", CLI_USAGE where
 * there is no terminal and no --yes. */
int confirm(struct cli *cli, const char *what);

#endif
