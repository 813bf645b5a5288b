/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Client authentication at the endpoints for agencies' servers: client_secret_basic,
 * client_secret_post, private_key_jwt or none, as RFC 6749 s2.3, RFC 7523 and OpenID Connect Core
 * s9 have it. A method is one row: a line of CLIENT_AUTH_METHODS and oidc/client_auth_<name>.c.
 * Reading what was presented and deciding on it are apart, since the client must be found between
 * the two. Pure: spending an assertion's jti is the caller's part.
 */
#ifndef PRATU_OIDC_CLIENT_AUTH_H
#define PRATU_OIDC_CLIENT_AUTH_H

#include "idp/base/crypto.h"
#include "idp/base/params.h"
#include "oidc/client.h"
#include "oidc/error.h"

#define CLIENT_AUTH_ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#define CLIENT_AUTH_MAX_AGE_S 60 /* of an assertion */
#define CLIENT_AUTH_SKEW_S 60 /* that clocks may differ, either way */
#define CLIENT_AUTH_JTI_MAX 256 /* bytes */

/* The parts of a request that can hold it. */
struct client_auth_input {
	const char *authorization; /* the header, or NULL */
	const struct params *form;
};

/* What was presented, unproven. */
struct client_auth_presented {
	enum client_auth_method method;
	const char *client_id;
	const char *secret; /* basic and post */
	const char *assertion; /* private_key_jwt */
	const char *plain; /* basic: the secret before it was form-decoded */
};

/* Read it. ERROR_NONE with *out set; ERROR_INVALID_REQUEST for two methods at once, or another
 * client_id in the form; ERROR_INVALID_CLIENT for none, or what cannot be read. RFC 6749 s2.3.1 */
struct error client_auth_read(
	struct arena *arena, const struct client_auth_input *in, struct client_auth_presented *out);

/* What the decision needs to know. */
struct client_auth_facts {
	const struct client *client; /* NULL: unknown or disabled */
	struct bytes secret_hash; /* SHA-256 of its secret; data NULL: it has none */
	struct bytes former_hash; /* of the one that it replaces and that is still taken, or none */
	const char *issuer;
	const char *const *audiences; /* URLs accepted in aud besides the issuer, ended by NULL */
	int64_t now_s;
};

struct client_auth_decision {
	struct error error; /* ERROR_NONE: it is the client, once its jti (if any) is spent */
	const char *reason; /* of a refusal, a short fixed word for the audit log */
	const char *jti; /* private_key_jwt: to be spent, exactly once */
	int64_t jti_until_s; /* and to be remembered until then, unix seconds */
};

/* Decide. A client with a secret may send it in the header or in the form, unless it is registered
 * as strict; any other method must be the registered one. An unknown client and a wrong secret get
 * the same words, after the same work. RFC 6749 s2.3, s5.2; RFC 7523 s3 */
struct client_auth_decision client_auth_decide(struct arena *arena,
	const struct client_auth_presented *presented, const struct client_auth_facts *facts);
/* The refusal of an assertion whose jti was spent before. */
struct client_auth_decision client_auth_replayed(struct arena *arena);

struct client_auth_row {
	const char *name; /* token_endpoint_auth_method */
	bool confidential; /* it proves something */
	bool secret; /* the client has a client_secret */
	/* Does the request use this method? For none, which uses nothing: no. */
	bool (*used)(const struct client_auth_input *in);
	/* Read it from a request that uses it. Errors as client_auth_read. */
	struct error (*read)(struct arena *arena, const struct client_auth_input *in,
		struct client_auth_presented *out);
	/* Decide, for a client (facts->client may be NULL) that is not registered for another. */
	struct client_auth_decision (*decide)(struct arena *arena,
		const struct client_auth_presented *presented,
		const struct client_auth_facts *facts);
};

#define CLIENT_AUTH_METHOD_ROW(id, name) extern const struct client_auth_row client_auth_##name;
CLIENT_AUTH_METHODS(CLIENT_AUTH_METHOD_ROW)

/* Static storage. */
const struct client_auth_row *client_auth_row(enum client_auth_method method);
/* "client_secret_basic, ... or none", for refusals. In the arena. */
const char *client_auth_names(struct arena *arena);
/* For oidc/client_auth_<name>.c. */
struct client_auth_decision client_auth_refuse(struct error error, const char *reason);

#endif
