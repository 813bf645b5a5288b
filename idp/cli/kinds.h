/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of events in the audit log, for the command line. The list is that of
 * record.check_writer() in sql/migrate, which decides; tests/pg/test_record_writers.py compares
 * them.
 */
#ifndef PRATU_CLI_KINDS_H
#define PRATU_CLI_KINDS_H

#include "idp/base/arena.h"
#include <stdbool.h>

/* All of them by name, ended by NULL, with those that only former versions wrote. */
extern const char *const kinds[];
/* "one of apply authorize ...", for messages. In the arena. */
const char *kinds_expected(struct arena *arena);

/* Is there such a kind? */
bool kinds_has(const char *text);

#endif
