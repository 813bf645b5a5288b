/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an endpoint gets: all that it may use for one request. An endpoint parses, loads with one
 * query, decides with oidc/ or otp/, commits with one statement, renders.
 */
#ifndef PRATU_PAGE_CONTEXT_H
#define PRATU_PAGE_CONTEXT_H

#include "idp/base/clock.h"
#include "idp/base/json.h"
#include "idp/base/rng.h"
#include "idp/base/settings.h"
#include "idp/io/db.h"
#include "idp/io/http.h"
#include "idp/io/vault_call.h"

struct site; /* idp/page/site.h */

/* One per request; db and vault belong to the worker and are NULL where no worker runs. */
struct context {
	const struct settings *settings;
	struct clock clock;
	struct rng rng;
	struct db *db;
	struct vault_call *vault;
	struct arena *arena; /* the request's */
	const struct http_request *request;
	struct http_response *response;
	int64_t now_s, now_ms; /* one moment, read once per request: unix seconds, milliseconds */
	const struct http_server *server; /* for its figures; NULL in tests */
	const struct site *site; /* of the role that answers */
	void *role; /* what that role alone has, one per request */
};

/* The site's own address, an absolute URI: the site's origin, and the realm in WWW-Authenticate.
 * Borrowed from the settings. */
const char *context_address(const struct context *ctx);
/* The name of a log entry with the site's name before it: "web.failed". In the arena. */
const char *context_event(const struct context *ctx, const char *what);

#endif
