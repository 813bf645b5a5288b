/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes a database that was restored to an earlier moment safe to serve from: all that it
 * holds alive is ended, since it may have ended after that moment. Shared by `pratu recover` and
 * `pratu restore`. The steps, each committed: nobody serves, nobody is admitted any more
 * (idp.admit), nobody serves still, all is ended and the database confirmed. If it stops between,
 * nobody is admitted until it was run again.
 */
#ifndef PRATU_CLI_RECOVER_H
#define PRATU_CLI_RECOVER_H

#include "idp/cli/cli.h"

struct recover {
	struct db *db; /* as owner_database */
	const char *to; /* the moment that the database shows, for timestamptz; NULL: nothing was
			   lost, so that it is only confirmed */
};

/* Do it, and print what was done and what cannot be done. answer, borrowed, gets the same for
 * --json. Returns an enum cli_exit. */
int recover(struct cli *cli, const struct recover *in, json_t *answer);

#endif
