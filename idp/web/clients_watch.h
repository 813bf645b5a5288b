/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread that listens to PostgreSQL for changed clients and has clients.c forget them at once.
 * While it has no connection nothing is held for long: all is forgotten when it is lost, and again
 * when it is back.
 */
#ifndef PRATU_WEB_CLIENTS_WATCH_H
#define PRATU_WEB_CLIENTS_WATCH_H

#include "idp/base/settings.h"
#include "idp/web/clients.h"

struct clients_watch;

/* Start it. settings and clients are borrowed until clients_watch_stop. *out is owned by the
 * caller. ERR_IO: no thread. */
MUST_CHECK struct result clients_watch_start(
	const struct settings *settings, struct clients *clients, struct clients_watch **out);
/* NULL-safe. */
void clients_watch_stop(struct clients_watch *watch);

#endif
