/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One thread behind the workers, with its own connections: it keeps the vault's keys fresh, so that
 * /jwks is answered on the I/O threads, and asks the database every hour to keep house.
 */
#ifndef PRATU_WEB_UPKEEP_H
#define PRATU_WEB_UPKEEP_H

#include "idp/web/keys.h"

struct upkeep;

/* Start it. settings and keys are borrowed until upkeep_stop. *out is owned by the caller. ERR_IO:
 * no thread. */
MUST_CHECK struct result upkeep_start(
	const struct settings *settings, struct web_keys *keys, struct upkeep **out);
/* Let it finish what it does, and release it. NULL-safe. */
void upkeep_stop(struct upkeep *upkeep);

#endif
