/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The protocol's refusals: every error code with its RFC name and HTTP status, the words that go
 * with it, and the two forms in which they leave, JSON body and WWW-Authenticate. The one place
 * that makes an error_description: it conforms to RFC 6749 s5.2 (0x20-0x7E without quote
 * and backslash), whatever was received. It must name what was expected and what was received, and
 * never hold a secret: secrets, codes, tokens and assertions must not be passed to error_make or
 * error_shown. Pure.
 */
#ifndef PRATU_OIDC_ERROR_H
#define PRATU_OIDC_ERROR_H

#include "idp/base/arena.h"

/* Every code that is answered, and no other: /connect lists them with cause and cure, by the texts
 * code.<name>.cause and code.<name>.cure of idp/web/text. */
enum error_code {
	ERROR_NONE, /* no error: go on */
	/* RFC 6749 s4.1.2.1, s5.2 */
	ERROR_INVALID_REQUEST,
	ERROR_INVALID_CLIENT,
	ERROR_INVALID_GRANT,
	ERROR_UNAUTHORIZED_CLIENT,
	ERROR_UNSUPPORTED_GRANT_TYPE,
	ERROR_UNSUPPORTED_RESPONSE_TYPE,
	ERROR_INVALID_SCOPE,
	ERROR_ACCESS_DENIED,
	ERROR_TEMPORARILY_UNAVAILABLE,
	/* OpenID Connect Core s3.1.2.6 */
	ERROR_LOGIN_REQUIRED,
	ERROR_ACCOUNT_SELECTION_REQUIRED,
	ERROR_CONSENT_REQUIRED,
	ERROR_INTERACTION_REQUIRED,
	ERROR_REQUEST_NOT_SUPPORTED,
	ERROR_REQUEST_URI_NOT_SUPPORTED,
	ERROR_REGISTRATION_NOT_SUPPORTED,
	/* OpenID Connect Core Error Code unmet_authentication_requirements 1.0 */
	ERROR_UNMET_AUTHENTICATION_REQUIREMENTS,
	/* RFC 6750 s3.1 */
	ERROR_INVALID_TOKEN,
	ERROR_INSUFFICIENT_SCOPE,
	ERROR_CODES, /* how many there are */
};

struct error {
	enum error_code code;
	const char *description; /* in the arena; NULL with ERROR_NONE */
	const char
		*logged; /* the same for a log: what error_shown showed is replaced by its hash */
};

#define ERROR_SHOWN_MAX 80 /* bytes of what was received that are shown */
#define ERROR_DESCRIPTION_MAX 400 /* bytes of a whole description */
#define ERROR_ABSENT ((struct error){ERROR_NONE, 0, 0})

/* "invalid_request", ... Static storage. "" for ERROR_NONE. */
const char *error_name(enum error_code code);
/* The HTTP status with which it is answered as JSON: 400, 401, 403, 500 or 503. 200 for ERROR_NONE.
 * RFC 6749 s5.2 */
int error_status(enum error_code code);
/* The status of the same with a challenge: 401 also for invalid_client (to a client that used the
 * Authorization header, RFC 6749 s5.2) and for ERROR_NONE (no token was sent, RFC 6750 s3.1). */
int error_challenge_status(enum error_code code);
/* A refusal with its words, by printf. Bytes that error_description may not hold become '?'; cut at
 * ERROR_DESCRIPTION_MAX. */
struct error error_make(struct arena *arena, enum error_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Text from a client, as an argument of error_make only: bytes outside 0x20-0x7E, quote and
 * backslash become '?', cut at ERROR_SHOWN_MAX with "..." behind. NULL becomes "nothing", ""
 * becomes "an empty value". It is put between two marks that error_make removes, to know what a
 * log may not hold. Never for a secret. */
const char *error_shown(struct arena *arena, const char *text);
/* {"error":...,"error_description":...,"correlation_id":...}; correlation_id may be NULL, and
 * ERROR_NONE leaves error out. In the arena. RFC 6749 s5.2 */
const char *error_json(struct arena *arena, const struct error *error, const char *correlation_id);
/* The value of WWW-Authenticate: Basic for invalid_client (RFC 7617), Bearer otherwise (RFC 6750
 * s3), both with error and error_description, since some libraries show the challenge and not the
 * body; a Bearer challenge for ERROR_NONE holds the realm alone (no token was sent). realm: the
 * issuer. */
const char *error_challenge(struct arena *arena, const struct error *error, const char *realm);

#endif
