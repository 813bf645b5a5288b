/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own access tokens (RFC 9068) when a client presents them: finding one in a request (RFC 6750
 * s2.1, s2.2) and reading the claims of one whose signature is good. Pure.
 */
#ifndef PRATU_OIDC_ACCESS_TOKEN_H
#define PRATU_OIDC_ACCESS_TOKEN_H

#include "idp/base/json.h"
#include "idp/base/params.h"
#include "oidc/error.h"

#define ACCESS_TOKEN_TYP "at+jwt" /* RFC 9068 s2.1 */

/* Where in a request a bearer token can be. */
struct access_token_input {
	const char *authorization; /* the header, or NULL */
	enum params_verdict query_verdict, form_verdict; /* of params_parse */
	const struct params *query; /* where it may not be */
	const struct params *form; /* of a POST, where it may be if it is nowhere else; or NULL */
};

/* Find it. ERROR_NONE with *out NULL: none was given, or another scheme, which is answered by a
 * challenge without error (RFC 6750 s3.1). ERROR_INVALID_REQUEST: in the query, in two places, a
 * query or form that is malformed or repeats a parameter, or characters that no token has. RFC 6750
 * s2, s3.1 */
struct error access_token_find(
	struct arena *arena, const struct access_token_input *in, const char **out);

struct access_token {
	const char *sub, *client_id, *grant_id, *scope, *jti; /* all there; in the arena */
	const char *acr; /* or NULL */
	int64_t iat_s, exp_s;
	int64_t auth_time_s; /* -1: absent */
};

/* Read verified claims. False: not an access token of this issuer for itself, or expired at now_s;
 * *out unset. RFC 9068 s4 */
bool access_token_read(struct arena *arena, const json_t *claims, const char *issuer, int64_t now_s,
	struct access_token *out);

#endif
