/* SPDX-License-Identifier: Apache-2.0 */
/* The option --reason of commands that act on people, for the audit log. */
#ifndef PRATU_CLI_REASON_H
#define PRATU_CLI_REASON_H

#include "idp/cli/cli.h"

/* Can it be read in the audit log, if it was given? CLI_USAGE, which has been printed, if not. */
int reason_check(struct cli *cli);

#endif
