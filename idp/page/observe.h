/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a role that answers HTTP counts, and the listener that shows it to Prometheus: /metrics is
 * the role's own, /metrics/vault what the vault counts, which has no socket but its Unix sockets.
 * The listener is apart from the one that citizens reach, with a thread of its own, so that it also
 * answers when all workers are busy.
 */
#ifndef PRATU_PAGE_OBSERVE_H
#define PRATU_PAGE_OBSERVE_H

#include "idp/base/meter.h"
#include "idp/page/site.h"
#include <stdatomic.h>

/* One per process. Its meters may be given to any number of connections. */
struct observe {
	const struct site *site;
	int64_t started_at_s;
	struct meter *requests; /* by route and status */
	struct meter *database; /* for db_observe */
	struct meter *batches, *batch_jobs; /* for db_batch_setup */
	struct meter *vault; /* for vault_call_observe */
};

/* Make the meters; the rest is copied. Owned by the caller (observe_free); never NULL. */
struct observe *observe_new(const struct site *site, int64_t started_at_s);
/* NULL-safe. */
void observe_free(struct observe *observe);
/* Count a request that is over: http_app.done. Its path is counted as the route that it has, never
 * as it was received. */
void observe_request(const struct observe *observe, const struct http_request *request, int status,
	int64_t took_us);
/* All of it, and the lanes of server (NULL: none). */
void observe_write(
	const struct observe *observe, const struct http_server *server, struct buf *out);

/* What the listener needs. Borrowed until observe_stop. */
struct observe_setup {
	const struct observe *observe;
	const struct settings *settings; /* for limits and the vault's socket */
	const char *listen; /* address and port, see settings_listen */
	const char *vault_socket; /* NULL: there is no /metrics/vault */
	/* Write what the role counts besides, with arg. On any thread; NULL: nothing. */
	void (*metrics)(void *arg, struct buf *out);
	void *arg;
	_Atomic(struct http_server *) *server; /* the role's; it may be NULL at first */
};

struct observe_listener;
/* Start it. *out is owned by the caller. ERR_CONFIG, ERR_IO. */
MUST_CHECK struct result observe_start(
	const struct observe_setup *setup, struct observe_listener **out);
/* Stop and release. Before the role's server is stopped. NULL-safe. */
void observe_stop(struct observe_listener *listener);

#endif
