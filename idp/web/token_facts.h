/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the database knows of a code, a refresh token or the grant that an access token names: for
 * introspection and revocation, and to tell why nothing was spent. One query.
 */
#ifndef PRATU_WEB_TOKEN_FACTS_H
#define PRATU_WEB_TOKEN_FACTS_H

#include "idp/base/handle.h"
#include "idp/web/web.h"
#include "oidc/token_decide.h"

/* Exactly one of code, refresh_token and grant_id is given. */
struct token_facts_of {
	const char *client_id; /* that asks */
	const char *code, *refresh_token;
	const char *grant_id; /* a UUID */
};

struct token_found {
	struct token_facts facts; /* facts.found is false where nothing is known */
	bool looked_up; /* false: it has not the form of one, and nothing below is set */
	int64_t client_version; /* of the client that asks, now; 0: disabled or deleted */
	const char *grant_id, *sub, *subject_id, *actor_id, *session_id, *authentication_id;
};

/* Look it up; the texts live in the arena. A code or refresh token that has not the form of one is
 * unknown. ERR_DB. */
MUST_CHECK struct result token_facts_find(
	struct context *ctx, const struct token_facts_of *of, struct token_found *out);

#endif
