/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing a client_secret, for the two methods that present one. Pure. */
#ifndef PRATU_OIDC_CLIENT_AUTH_SECRET_H
#define PRATU_OIDC_CLIENT_AUTH_SECRET_H

#include "oidc/client_auth.h"

/* Is it the registered secret, as presented or before form decoding? Refused in constant time and
 * with the same words whether the client is unknown or its secret another. RFC 6749 s2.3.1 */
struct client_auth_decision client_auth_secret_decide(struct arena *arena,
	const struct client_auth_presented *presented, const struct client_auth_facts *facts);

#endif
