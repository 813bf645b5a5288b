/* SPDX-License-Identifier: Apache-2.0 */
/* The token request as received (RFC 6749 s4.1.3 and s6, RFC 7636 s4.5), parsed whole before
 * anything is looked up; the parameters of each grant type are read by its row of
 * oidc/grant_type.h. Pure. */
#ifndef PRATU_OIDC_TOKEN_REQUEST_H
#define PRATU_OIDC_TOKEN_REQUEST_H

#include "idp/base/params.h"
#include "idp/base/str.h"
#include "oidc/error.h"

#define TOKEN_REQUEST_VALUE_MAX 512 /* bytes of a code or refresh token that are looked at */

struct grant_type; /* oidc/grant_type.h */

struct token_request {
	const struct grant_type *type;
	const char *presented; /* the code or refresh token */
	const char *redirect_uri, *code_verifier; /* of a code; the verifier may be NULL */
	struct str_list scope; /* of a refresh; none: as granted */
};

/* A request body, as the server parsed it. */
struct token_request_form {
	bool is_form; /* Content-Type is application/x-www-form-urlencoded */
	const char *content_type; /* the header's value, or NULL */
	enum params_verdict verdict;
	const struct params *form;
};
/* Check that the body is a well-formed form, for every endpoint that reads one. ERROR_NONE, or
 * ERROR_INVALID_REQUEST with its description in the arena. RFC 6749 s3.2. */
struct error token_request_check_form(struct arena *arena, const struct token_request_form *in);
/* Read the request from a checked form. ERROR_INVALID_REQUEST, ERROR_UNSUPPORTED_GRANT_TYPE or
 * ERROR_INVALID_SCOPE; *out is set with ERROR_NONE. */
struct error token_request_read(
	struct arena *arena, const struct params *form, struct token_request *out);

/* For oidc/grant_<name>.c: the parameter of that name (which is also the grant type's, or is code),
 * at most TOKEN_REQUEST_VALUE_MAX bytes. ERROR_INVALID_REQUEST: missing or longer. */
struct error token_request_presented(
	struct arena *arena, const struct params *form, const char *name, const char **out);
/* The refusal of a request without a parameter that its grant type needs. */
struct error token_request_missing(struct arena *arena, const char *name, const char *grant_type);

#endif
