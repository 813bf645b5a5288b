/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the authorization request share: a client, and a request that is good until
 * something is changed. */
#ifndef PRATU_TESTS_AUTHZ_RIG_H
#define PRATU_TESTS_AUTHZ_RIG_H

#include "tests/unit/unit.h"
#include "idp/base/str.h"
#include "oidc/authz_request.h"
#include <stdio.h>

#define RIG_CLIENT "tax"
#define RIG_REDIRECT "https://tax.example/cb?lang=th"
#define RIG_ISSUER "https://id.example"
#define RIG_CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" /* RFC 7636 appendix B */

static const char *const rig_redirects[] = {RIG_REDIRECT, "https://tax.example/other"};
static const char *const rig_scopes[] = {"openid", "profile", "email", "phone", "address"};

/* A confidential client without the refresh_token grant, which asks for consent. */
static inline struct client rig_client(void)
{
	static const char *redirects[COUNT(rig_redirects)], *scopes[COUNT(rig_scopes)];
	memcpy(redirects, rig_redirects, sizeof redirects);
	memcpy(scopes, rig_scopes, sizeof scopes);
	return (struct client){.client_id = RIG_CLIENT,
		.redirect_uris = {redirects, COUNT(rig_redirects)},
		.scopes = {scopes, COUNT(rig_scopes)},
		.require_consent = true,
		.iss_in_error_responses = true,
		.default_max_age_s = -1};
}

/* Parse a query text as /authorize does. */
static inline void rig_parse(struct arena *arena, const struct client *client, const char *text,
	struct authz_parsed *out)
{
	const struct params *params = NULL;
	enum params_verdict verdict = params_parse(arena, text, strlen(text), &params);
	const char *id = authz_request_client_id(params);
	bool found = str_eq(id, client->client_id);
	authz_request_parse(arena, params, verdict, found ? client : NULL, out);
}

#define RIG_GOOD \
	"client_id=tax&redirect_uri=https%3A%2F%2Ftax.example%2Fcb%3Flang%3Dth&response_type=code" \
	"&scope=openid&state=s1"

/* The good request with more behind it. */
static inline void rig_parse_with(struct arena *arena, const struct client *client,
	const char *more, struct authz_parsed *out)
{
	const char *joint = *more ? "&" : "";
	rig_parse(arena, client, arena_printf(arena, "%s%s%s", RIG_GOOD, joint, more), out);
}

/* len times the same letter. */
static inline const char *rig_run(struct arena *arena, size_t len)
{
	char *text = arena_alloc(arena, len + 1);
	memset(text, 'x', len);
	return text;
}

#endif
