/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A token of either kind that a client presents, to revoke it or to ask about it: an access token
 * is a JWT of ours, anything else is looked up as a refresh token. The hint is not needed to tell
 * them apart (RFC 7009 s2.1, RFC 7662 s2.1).
 */
#ifndef PRATU_WEB_TOKEN_GIVEN_H
#define PRATU_WEB_TOKEN_GIVEN_H

#include "idp/web/token_facts.h"
#include "oidc/access_token.h"

struct token_given {
	bool is_access;
	struct access_token access; /* with is_access */
	struct token_found found; /* found.facts.found is false where nothing is known of it */
};

/* The parameter token of the form, looked up. *missing: there is none, which is refused and
 * answered. ERR_DB, ERR_VAULT. */
MUST_CHECK struct result token_given_load(
	struct context *ctx, const struct client *client, struct token_given *out, bool *missing);

#endif
