/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A role that answers HTTP, as a process: the listener, its workers, each with a connection to the
 * database and one to the vault, the connections of batched statements, the dispatcher, and the
 * orderly stop. A role gives its site and
 * what it has besides.
 */
#ifndef PRATU_PAGE_SERVE_H
#define PRATU_PAGE_SERVE_H

#include "idp/page/observe.h"
#include "idp/page/site.h"

/* Constant; NULL members do nothing. arg is what open gave. */
struct serve_role {
	/* Its name begins the names of log entries, and is the one under which the listening
	 * socket may have been handed to the process (idp/io/handed.h). */
	const struct site *site;
	/* Settings: the user that the process becomes; the listener, where it is not that of the
	 * web role (address, port, TLS and limits of *listen may be changed; with an empty address
	 * nothing listens); how to reach PostgreSQL. */
	const char *(*user)(const struct settings *settings);
	void (*listen)(const struct settings *settings, struct settings *listen);
	const char *(*database)(const struct settings *settings);
	const char *vault_socket; /* "web.sock"; NULL: workers have no connection to the vault */
	size_t state_size; /* of ctx->role, zeroed for each request; may be 0 */
	/* Address and port of the listener for Prometheus (settings_listen); NULL or "": none. */
	const char *(*metrics_listen)(const struct settings *settings);
	/* Make what all requests share and start threads, before the first request. settings and
	 * observe, whose meters its connections use, live until close. */
	struct result (*open)(
		const struct settings *settings, const struct observe *observe, void **arg);
	/* Fill ctx->role before a request, and release what it holds after. On any thread. */
	void (*begin)(void *arg, struct context *ctx);
	void (*end)(void *arg, struct context *ctx);
	/* Write what the role counts besides (idp/base/metrics.h). On any thread. */
	void (*metrics)(void *arg, struct buf *out);
	/* Nothing is in flight any more. arg is NULL where open failed before it gave any. */
	void (*close)(void *arg);
};

/* Run until SIGTERM or SIGINT, then finish what is in flight; at SIGHUP take over the settings that
 * may change (idp/io/reload.h) and the certificate. The caller has read the settings and
 * opened nothing else. It starts, and answers 503, also while the database or the vault is away.
 * Returns the process's exit status: 0 after an orderly stop, 1 if it could not start. */
int serve_main(const struct serve_role *role, const struct settings *settings);

#endif
