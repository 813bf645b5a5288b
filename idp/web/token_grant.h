/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The web role's half of a grant type (oidc/grant_type.h): one file idp/web/token_<name>.c with the
 * statement that spends what was presented, and the look-up that tells why nothing was spent.
 */
#ifndef PRATU_WEB_TOKEN_GRANT_H
#define PRATU_WEB_TOKEN_GRANT_H

#include "idp/web/client_check.h"
#include "idp/web/token_claims.h"
#include "idp/web/token_facts.h"
#include "oidc/grant_type.h"

/* A token request while it is worked on. */
struct token_exchange {
	struct token_request request;
	struct client_check check;
	const char *jti; /* that the access token will have */
};

/* What was committed, and what signing needs. */
struct token_granted {
	struct token_claims_source source;
	const char *scope; /* of the tokens, space-separated */
	const char *nonce; /* of the ID token, or NULL */
	const char *refresh_token; /* NULL: none is new */
};

struct token_grant {
	/* Spend, once, by one statement that also writes the audit log. *spent false: nothing was
	 * changed. ERR_DB: whether it was is unknown. */
	struct result (*spend)(struct context *ctx, const struct token_exchange *exchange,
		struct token_granted *out, bool *spent);
	/* Why was nothing spent? Called within a transaction; what was presented is held to its
	 * end where parallel tries matter. ERR_DB. */
	struct result (*find)(struct context *ctx, const struct token_exchange *exchange,
		struct token_found *out);
};

#define TOKEN_GRANT_ROW(name) extern const struct token_grant token_##name;
GRANT_TYPES(TOKEN_GRANT_ROW)

/* The row of a grant type. */
const struct token_grant *token_grant_of(enum grant_type_id id);

#endif
