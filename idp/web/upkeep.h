/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads behind the workers, each with its own connections, and the table of what they do again
 * and again: one keeps the vault's keys fresh, so that /jwks is answered on the I/O threads; one
 * has the database make and drop partitions, and writes what was counted; two ask whether the vault
 * and the database are well.
 */
#ifndef PRATU_WEB_UPKEEP_H
#define PRATU_WEB_UPKEEP_H

#include "idp/page/observe.h"
#include "idp/web/web.h"

struct upkeep;

enum upkeep_part {
	UPKEEP_VAULT,
	UPKEEP_DATABASE,
	UPKEEP_VAULT_HEALTH,
	UPKEEP_DATABASE_HEALTH,
	UPKEEP_PARTS,
};

/* What all of them have. */
struct upkeep_setup {
	const struct settings *settings;
	const struct web *web; /* copied */
	const struct observe *observe;
};
/* Start the thread of one part. What setup's members point to is borrowed until upkeep_stop. *out
 * is owned by the caller. ERR_IO: no thread. */
MUST_CHECK struct result upkeep_start(
	const struct upkeep_setup *setup, enum upkeep_part part, struct upkeep **out);
/* Let it finish what it does, and release it. NULL-safe. */
void upkeep_stop(struct upkeep *upkeep);

#endif
