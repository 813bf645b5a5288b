/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client's registered metadata (RFC 7591, OpenID Connect Registration 1.0): one parser, used by
 * `pratu apply` to validate and by every endpoint to read what the database holds. Pure.
 */
#ifndef PRATU_OIDC_CLIENT_H
#define PRATU_OIDC_CLIENT_H

#include "idp/base/jose.h"
#include "idp/base/str.h"

/* The methods of client authentication, one line each; their rows are oidc/client_auth.h's. */
#define CLIENT_AUTH_METHODS(ROW) \
	ROW(BASIC, basic) ROW(POST, post) ROW(PRIVATE_KEY_JWT, private_key_jwt) ROW(NONE, none)

#define CLIENT_AUTH_METHOD_ID(id, name) CLIENT_AUTH_##id,
enum client_auth_method {
	CLIENT_AUTH_METHODS(CLIENT_AUTH_METHOD_ID) CLIENT_AUTH_METHODS_N,
};

struct client {
	const char *client_id;
	const char *name, *name_th, *name_en; /* client_name, client_name#th, client_name#en;
						 name_th and name_en fall back to name */
	const char *purpose, *purpose_th, *purpose_en; /* why it asks, a sentence for citizens;
							  NULL: none. Fall back as names do */
	const char *client_uri, *logo_uri, *policy_uri, *tos_uri;
	struct str_list redirect_uris, post_logout_redirect_uris;
	enum client_auth_method auth_method;
	bool native; /* application_type native: loopback redirects have any port */
	bool auth_method_strict; /* token_endpoint_auth_method_strict: of the two methods with a
				    secret, auth_method alone; default false: either */
	struct jose_keys keys; /* of jwks, for private_key_jwt; freed by client_free */
	unsigned assertion_algs; /* bit set of 1 << enum jose_alg that its assertions may use */
	enum jose_alg id_token_alg; /* id_token_signed_response_alg; default RS256 (OIDC
				       Registration s2) */
	enum jose_alg access_token_alg; /* of the RFC 9068 access token; the same as id_token_alg
					   unless set */
	bool subject_public; /* subject_type "public"; default pairwise */
	const char *sector; /* host of sector_identifier_uri, or of the redirect_uris; of those with
			       one private-use scheme, "<scheme>:" */
	struct str_list scopes; /* scope: what it may ask for; default "openid profile email phone
				   address", and national_id and offline_access where
				   require_consent is true. offline_access needs the grant
				   refresh_token; who has it registered gets a refresh token by
				   asking for it: at /authorize, /token and here, one rule */
	unsigned grant_types; /* bit set of 1 << enum grant_type_id; default: all, see
				 grant_type_registered */
	bool require_pkce; /* public clients always; others where require_pkce is true */
	bool require_consent; /* default true; false for an agency that the state trusts without
				 asking */
	int64_t default_max_age_s; /* -1: none */
	bool require_auth_time;
	const char *initiate_login_uri;
	bool iss_in_error_responses; /* default true; false for a library that cannot read iss
					(RFC 9207) in an error response */
};

/* What is wrong with a metadata document: the member ("redirect_uris[1]") and what was expected and
 * what was received. */
struct client_fault {
	char path[96];
	char text[256];
};

/* Read and validate. client_secret is not a member here: the caller removes it before. *out lives
 * in the arena, but its keys must be released by client_free. Unknown members are refused.
 * ERR_FORMAT with *fault set (fault may be NULL). */
MUST_CHECK struct result client_parse(struct arena *arena, const json_t *metadata,
	const struct client **out, struct client_fault *fault);
/* Release the keys. NULL-safe. */
void client_free(const struct client *client);
#define AUTO_CLIENT __attribute__((cleanup(client_auto)))
/* Releases at the end of the scope: AUTO_CLIENT const struct client *client = NULL; */
void client_auto(const struct client **client);
/* Confidential: can authenticate. */
bool client_confidential(const struct client *client);
/* Byte for byte (RFC 9700 s2.1); of a native client, http to a loopback host with any port (RFC
 * 8252 s7.3). */
bool client_has_redirect_uri(const struct client *client, const char *uri);
/* The same of post_logout_redirect_uris. */
bool client_has_post_logout_redirect_uri(const struct client *client, const char *uri);
#define CLIENT_URIS_SHOWN_MAX 200 /* bytes */
/* Registered URIs separated by spaces, for an error to the integrator, cut at
 * CLIENT_URIS_SHOWN_MAX with "..." behind; "none". In the arena. */
const char *client_uris_text(struct arena *arena, const struct str_list *uris);

#endif
