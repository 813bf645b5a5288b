/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads behind the workers, each with its own connections, and the table of what they do again
 * and again: one keeps the vault's keys fresh, so that /jwks is answered on the I/O threads; one
 * has the database make and drop partitions, and writes what was counted.
 */
#ifndef PRATU_WEB_UPKEEP_H
#define PRATU_WEB_UPKEEP_H

#include "idp/web/web.h"

struct upkeep;

enum upkeep_part {
	UPKEEP_VAULT,
	UPKEEP_DATABASE,
	UPKEEP_PARTS,
};

/* Start the thread of one part. settings, and what web points to, are borrowed until upkeep_stop.
 * *out is owned by the caller. ERR_IO: no thread. */
MUST_CHECK struct result upkeep_start(const struct settings *settings, const struct web *web,
	enum upkeep_part part, struct upkeep **out);
/* Let it finish what it does, and release it. NULL-safe. */
void upkeep_stop(struct upkeep *upkeep);

#endif
