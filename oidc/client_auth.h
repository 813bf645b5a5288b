/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is the client that speaks to us directly: client_secret_basic, client_secret_post,
 * private_key_jwt or none, as RFC 6749 s2.3, RFC 7523 and OpenID Connect Core s9 have it. Reading
 * what came and deciding on it are apart, since the client must be loaded between the two. Pure:
 * spending an assertion's jti is the caller's part.
 *
 * Common libraries leave out the form encoding of the secret in a Basic header, and a base64 secret
 * with a plus would then never fit: it is taken as it stands, too.
 */
#ifndef PRATU_OIDC_CLIENT_AUTH_H
#define PRATU_OIDC_CLIENT_AUTH_H

#include "idp/base/crypto.h"
#include "idp/base/params.h"
#include "oidc/client.h"
#include "oidc/error.h"

#define CLIENT_AUTH_ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#define CLIENT_AUTH_MAX_AGE_S 60 /* of an assertion */
#define CLIENT_AUTH_SKEW_S 10 /* that clocks may differ */
#define CLIENT_AUTH_JTI_MAX 256 /* bytes */

/* What came, unproven. */
struct client_auth_presented {
	enum client_auth_method method;
	const char *client_id;
	const char *secret; /* basic and post */
	const char *assertion; /* private_key_jwt */
	const char *plain; /* basic: the secret before it was form-decoded */
};

/* Read it. authorization: the Authorization header, or NULL. form: the parsed body. ERROR_NONE with
 * *out set; ERROR_INVALID_REQUEST for two methods at once; ERROR_INVALID_CLIENT for nothing, or
 * what cannot be read. RFC 6749 s2.3.1 */
struct error client_auth_read(struct arena *arena, const char *authorization,
	const struct params *form, struct client_auth_presented *out);

/* What the decision needs to know. */
struct client_auth_facts {
	const struct client *client; /* NULL: unknown or disabled */
	struct bytes secret_hash; /* SHA-256 of its secret; data NULL: it has none */
	const char *issuer;
	const char *const
		*audiences; /* URLs that may stand in aud beside the issuer, ended by NULL */
	int64_t now_s;
};

struct client_auth_decision {
	struct error error; /* ERROR_NONE: it is the client, once its jti (if any) is spent */
	const char *reason; /* of a refusal, a short fixed word for the record */
	const char *jti; /* private_key_jwt: to be spent, exactly once */
	int64_t jti_until_s; /* and to be remembered until then, unix seconds */
};

/* Decide. An unknown client and a wrong secret get the same words, after the same work. RFC 6749
 * s2.3, s5.2; RFC 7523 s3 */
struct client_auth_decision client_auth_decide(struct arena *arena,
	const struct client_auth_presented *presented, const struct client_auth_facts *facts);
/* The refusal of an assertion whose jti was spent before. */
struct client_auth_decision client_auth_replayed(struct arena *arena);
/* "client_secret_basic", ... Static storage. */
const char *client_auth_method_name(enum client_auth_method method);

#endif
