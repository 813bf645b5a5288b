/* SPDX-License-Identifier: Apache-2.0 */
/* The citizen's claims that a token or UserInfo holds (oidc/claims.h), from what is stored. */
#ifndef PRATU_WEB_TOKEN_CLAIMS_H
#define PRATU_WEB_TOKEN_CLAIMS_H

#include "idp/page/context.h"
#include "oidc/claims.h"
#include "oidc/client.h"

struct token_claims_source {
	/* As a statement returned them: */
	const char *ticket; /* of the grant */
	const char *grant_claims; /* JSON: idp.authz_grant.claims */
	const char *citizen_claims; /* JSON, or NULL */
	int64_t citizen_updated_at_s;
	const struct client *client; /* as it is registered now */
};

/* Put the claims of that place into out. scope: of the token, within what is granted. A claim that
 * was asked for by name is given while its scope is registered for the client. Where the grant
 * names what its citizen was shown (member "shown"), nothing else is given. The national ID is
 * opened by the vault. ERR_VAULT; ERR_FORMAT if what is stored does not parse. */
MUST_CHECK struct result token_claims_put(struct context *ctx, enum claims_place place,
	const char *scope, const struct token_claims_source *source, json_t *out);

#endif
