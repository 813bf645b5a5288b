/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Client authentication at the endpoints for agencies' servers (token, revoke, introspect): the
 * deciding is oidc/client_auth.h's, here are the request, the spending of a jti, the record and the
 * refusal's answer.
 */
#ifndef PRATU_WEB_CLIENT_CHECK_H
#define PRATU_WEB_CLIENT_CHECK_H

#include "idp/web/web.h"
#include "oidc/client_auth.h"

/* Is the body a well-formed form? Otherwise the refusal is answered. */
bool client_check_form(struct context *ctx);
/* What came to prove the client, from a good form. False: the refusal is recorded and answered.
 * ERR_DB. */
MUST_CHECK struct result client_check_read(
	struct context *ctx, struct client_auth_presented *out, bool *good);
/* Decide on it with the columns metadata, secret_hash and disabled of row 0, loaded for
 * presented->client_id. *out NULL: refused, recorded and answered; otherwise to be released by
 * client_free. ERR_DB; ERR_FORMAT if the stored metadata do not parse. */
MUST_CHECK struct result client_check_decide(struct context *ctx,
	const struct client_auth_presented *presented, const struct rows *rows,
	const struct client **out);
/* All of it, for an endpoint that needs nothing else loaded with the client: form, reading, the
 * client's row, decision. *out NULL: refused, recorded and answered. ERR_DB, ERR_FORMAT. */
MUST_CHECK struct result client_check(struct context *ctx, const struct client **out);

#endif
