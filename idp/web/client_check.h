/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Client authentication at the endpoints for agencies' servers (token, revoke, introspect): the
 * deciding is oidc/client_auth.h's, here are the request, the client from memory, the spending of a
 * jti, and the refusal's answer. A refusal proves nothing of anybody: it is counted, not stored.
 */
#ifndef PRATU_WEB_CLIENT_CHECK_H
#define PRATU_WEB_CLIENT_CHECK_H

#include "idp/web/web.h"
#include "oidc/client_auth.h"

struct client_check {
	struct client_auth_presented presented;
	const struct registered *registered; /* the client that it is; NULL: not proven */
	bool jti_spent; /* by this request */
};

/* Is the body a well-formed form? Otherwise the refusal is answered. */
bool client_check_form(struct context *ctx);
/* Read what the form and the Authorization header present. False: refused and answered. */
bool client_check_read(struct context *ctx, struct client_check *check);
/* Decide, with the client that memory holds, and spend the jti of an assertion, if this request did
 * not yet. check->registered NULL: refused and answered. ERR_DB; ERR_FORMAT if the stored metadata
 * do not parse. */
MUST_CHECK struct result client_check_prove(struct context *ctx, struct client_check *check);
/* Answer a refusal of a client: invalid_client is 401 with a challenge where the request had an
 * Authorization header, and 400 without one otherwise. RFC 6749 s5.2 */
void client_check_refuse(struct context *ctx, const struct error *error);
/* All of it. */
MUST_CHECK struct result client_check(struct context *ctx, struct client_check *check);

#endif
