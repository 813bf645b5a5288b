/* SPDX-License-Identifier: Apache-2.0 */
/* A connection for PostgreSQL's own programs: by the environment, which others cannot read as they
 * can a command line. */
#ifndef PRATU_IO_DB_ENVIRON_H
#define PRATU_IO_DB_ENVIRON_H

#include "idp/base/result.h"
#include <stdbool.h>

/* Set libpq's variables (PGHOST, PGUSER, PGPASSWORD, ...) of this process as conninfo has them; for
 * a forked child, before exec. ERR_CONFIG: it is no conninfo. */
MUST_CHECK struct result db_environ(const char *conninfo);

#endif
