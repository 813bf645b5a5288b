/* SPDX-License-Identifier: Apache-2.0 */
/* A client assertion of private_key_jwt: RFC 7523 s3, OpenID Connect Core s9. The decision of
 * oidc/client_auth_private_key_jwt.c. Pure. */
#ifndef PRATU_OIDC_CLIENT_ASSERTION_H
#define PRATU_OIDC_CLIENT_ASSERTION_H

#include "oidc/client_auth.h"

/* Signature by one of the client's keys; iss and sub its client_id; aud nobody but us; not expired,
 * not older than CLIENT_AUTH_MAX_AGE_S by iat (or, without iat, by what exp leaves); a jti.
 * presented->assertion: a compact JWS. */
struct client_auth_decision client_assertion_decide(struct arena *arena,
	const struct client_auth_presented *presented, const struct client_auth_facts *facts);

#endif
