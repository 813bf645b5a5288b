/* SPDX-License-Identifier: Apache-2.0 */
/* The introspection response for a token (RFC 7662 s2.2). Pure. */
#ifndef PRATU_OIDC_INTROSPECTION_H
#define PRATU_OIDC_INTROSPECTION_H

#include "oidc/access_token.h"
#include "oidc/token_decide.h"

struct introspection {
	const char *issuer, *client_id; /* of the client that asks */
	const struct token_facts *facts; /* of the refresh token, or of the access token's grant */
	const char *sub;
	const struct access_token *access; /* NULL: it is a refresh token */
	int64_t now_s;
};

/* {"active":true,...} if it is valid and was issued to the asking client, otherwise
 * {"active":false} and nothing else. A new object. */
json_t *introspection_answer(const struct introspection *in);

#endif
