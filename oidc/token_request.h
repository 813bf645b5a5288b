/* SPDX-License-Identifier: Apache-2.0 */
/* The token request as it came (RFC 6749 s4.1.3 and s6, RFC 7636 s4.5), parsed whole before
 * anything is looked up. Pure. */
#ifndef PRATU_OIDC_TOKEN_REQUEST_H
#define PRATU_OIDC_TOKEN_REQUEST_H

#include "idp/base/params.h"
#include "idp/base/str.h"
#include "oidc/error.h"

#define TOKEN_REQUEST_VALUE_MAX 512 /* bytes of a code or refresh token that are looked at */

enum token_grant {
	TOKEN_GRANT_CODE,
	TOKEN_GRANT_REFRESH,
};

struct token_request {
	enum token_grant grant;
	const char *code, *redirect_uri, *code_verifier; /* of a code; verifier may be NULL */
	const char *refresh_token; /* of a refresh */
	struct str_list scope; /* of a refresh; none: as granted */
};

/* A body that should be a form, for every endpoint that takes one: ERROR_INVALID_REQUEST if its
 * type is another, or it did not parse. is_form: Content-Type was
 * application/x-www-form-urlencoded. came_type: the header, or NULL. */
struct token_request_form {
	bool is_form;
	const char *came_type;
	enum params_verdict verdict;
	const struct params *form;
};
struct error token_request_check_form(struct arena *arena, const struct token_request_form *in);
/* Read the request from a checked form. ERROR_INVALID_REQUEST, ERROR_UNSUPPORTED_GRANT_TYPE or
 * ERROR_INVALID_SCOPE; *out is set with ERROR_NONE. */
struct error token_request_read(
	struct arena *arena, const struct params *form, struct token_request *out);

#endif
