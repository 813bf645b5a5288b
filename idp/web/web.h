/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The web role: what its endpoints have besides the context (idp/page/context.h), and their list.
 * It holds no password hash, seed or private key.
 */
#ifndef PRATU_WEB_WEB_H
#define PRATU_WEB_WEB_H

#include "idp/page/context.h"
#include "idp/page/site.h"
#include "idp/web/clients.h"

struct figures; /* idp/web/figures.h */
struct health; /* idp/web/health.h */
struct seal_keys; /* idp/web/seal_keys.h */
struct sign_batch; /* idp/web/sign_batch.h */
struct tally; /* idp/base/tally.h */
struct web_keys; /* the vault's public keys, refreshed in the background and on an unknown kid;
		    idp/web/keys.h */

/* One per request, in ctx->role. */
struct web {
	struct web_keys *keys;
	struct seal_keys *seal_keys; /* idp/web/seal_keys.h */
	const char *device; /* the device cookie, once device.c read or made it; starts NULL */
	const char *device_next; /* what it becomes after a sign-in; starts NULL */
	const char
		*discovery; /* the metadata document, made at start; NULL: made for each request */
	struct clients *clients; /* NULL: each request loads its own */
	struct clients_held held; /* by this request */
	struct sign_batch *sign, *bind; /* of the vault's operations; NULL: each job goes alone */
	struct tally *tally; /* refusals that are counted, not stored; NULL in tests */
	struct health *health; /* NULL: nothing is well */
	struct figures *figures; /* of the database, for metrics; NULL in tests */
};

/* The web role's part of a context that the web role made. Never NULL there. */
static inline struct web *web_of(const struct context *ctx)
{
	return ctx->role;
}

/* Each in idp/web/ep_<name>.c; the table is idp/web/routes.c. */
endpoint ep_connect, ep_help, ep_privacy, ep_robots, ep_agency_end, ep_wait, ep_security,
	ep_change_password, ep_discovery, ep_jwks, ep_authorize, ep_token, ep_userinfo, ep_revoke,
	ep_introspect, ep_logout, ep_logout_confirm;
endpoint ep_signin_get, ep_signin_post, ep_home, ep_session_end, ep_health_live, ep_health_ready;

#endif
