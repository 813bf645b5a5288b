/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authorization response: code or error back to the client's redirect_uri, with iss (RFC
 * 9207; in errors unless the client is registered otherwise), state where one was sent; as a query
 * (RFC 6749 s4.1.2) or as the fields of a form (OAuth 2.0 Form Post Response Mode). Pure.
 */
#ifndef PRATU_OIDC_AUTHZ_RESPONSE_H
#define PRATU_OIDC_AUTHZ_RESPONSE_H

#include "oidc/authz_request.h"

#define AUTHZ_FIELDS_MAX 5

struct authz_response {
	enum authz_mode mode;
	const char *redirect_uri;
	size_t n;
	struct param fields[AUTHZ_FIELDS_MAX];
};

/* The response that carries a code. */
struct authz_response authz_response_code(
	const struct authz_request *request, const char *issuer, const char *code);
/* The response that carries an error with its description. issuer: NULL leaves iss out; see
 * authz_response_error_issuer. */
struct authz_response authz_response_error(
	const struct authz_request *request, const char *issuer, const struct error *error);
/* The iss of an error response to this client: issuer, or NULL where its registration says that
 * iss stands in no error response. RFC 9207 s2 */
const char *authz_response_error_issuer(const struct client *client, const char *issuer);
/* The Location of a query response: the redirect_uri, its own query kept, the fields behind it.
 * In the arena. */
const char *authz_response_location(struct arena *arena, const struct authz_response *response);
/* Any fields behind a registered URI, as for a logout. NULL values are left out. In the arena. */
const char *authz_response_append(
	struct arena *arena, const char *uri, const struct param *fields, size_t n);

#endif
