/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread that listens to PostgreSQL for what changed, and the table of its channels: changed
 * clients are forgotten, a new signing key is fetched. What was sent while it had no connection is
 * not known: when it is lost, and again when it is back, everything counts as changed.
 */
#ifndef PRATU_WEB_WATCH_H
#define PRATU_WEB_WATCH_H

#include "idp/base/settings.h"
#include "idp/web/clients.h"

struct watch;
struct web_keys;

/* What is notified of changes. */
struct watched {
	struct clients *clients;
	struct web_keys *keys;
};

/* Start it. settings, and what watched points to, are borrowed until watch_stop. *out is owned by
 * the caller. ERR_IO: no thread. */
MUST_CHECK struct result watch_start(
	const struct settings *settings, const struct watched *watched, struct watch **out);
/* NULL-safe. */
void watch_stop(struct watch *watch);

#endif
