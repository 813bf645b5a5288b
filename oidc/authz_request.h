/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authorization request (OIDC Core s3.1.2.1, RFC 6749 s4.1.1, RFC 7636 s4.3): from parameters
 * to one validated struct, and that struct to and from the JSON that a transaction stores. Pure.
 *
 * client_id and redirect_uri are checked first: where one is missing, given twice, unknown or not
 * registered byte for byte, the answer is a page and never a redirect. Every later fault goes
 * back to the client by redirect.
 *
 * Choices that the specifications leave open:
 * - A scope value that is not known here is ignored (OIDC Core s3.1.2.1). One that is known but
 *   not registered for the client is invalid_scope, named in the description: an integrator
 *   gets an error at once, rather than a token without the claim. offline_access is ignored where
 * it is not registered (OIDC Core s11), and the token answer's scope shows that.
 * - An unknown prompt value is invalid_request; an unknown display, locale, acr or claim is
 *   ignored.
 * - max_age above AUTHZ_MAX_AGE_MAX counts as that.
 * - id_token_hint is verified by the caller (it needs keys); see authz_request_hint.
 */
#ifndef PRATU_OIDC_AUTHZ_REQUEST_H
#define PRATU_OIDC_AUTHZ_REQUEST_H

#include "idp/base/params.h"
#include "oidc/claims.h"
#include "oidc/client.h"
#include "oidc/error.h"

#define AUTHZ_CLIENT_ID_MAX 256 /* bytes, each */
#define AUTHZ_STATE_MAX 1024 /* also of nonce */
#define AUTHZ_TEXT_MAX 1024 /* of the other texts */
#define AUTHZ_HINT_MAX 8192 /* id_token_hint */
#define AUTHZ_MAX_AGE_MAX 315360000 /* s: ten years */

enum authz_mode {
	AUTHZ_MODE_QUERY,
	AUTHZ_MODE_FORM_POST, /* OAuth 2.0 Form Post Response Mode */
};

enum authz_prompt { /* a bit set */
	AUTHZ_PROMPT_NONE = 1,
	AUTHZ_PROMPT_LOGIN = 2,
	AUTHZ_PROMPT_CONSENT = 4,
	AUTHZ_PROMPT_SELECT_ACCOUNT = 8,
};

/* Texts are NULL where not given. */
struct authz_request {
	const char *client_id, *redirect_uri;
	enum authz_mode mode;
	const char *state, *nonce;
	struct str_list scope; /* known, permitted, each once; openid is among them */
	const char *code_challenge; /* S256 */
	unsigned prompt;
	int64_t max_age_s; /* -1: not given */
	const char *display, *ui_locales, *claims_locales, *login_hint;
	struct str_list acr_values;
	struct claims_request claims; /* permitted ones only */
	const char *id_token_hint; /* as received; not stored */
	const char *hint_sub; /* the sub of a hint that was verified */
	bool hint_stale; /* a hint signed by a key that was removed: its subject is unknown, a new
			    sign-in is needed */
};

enum authz_verdict {
	AUTHZ_GOOD,
	AUTHZ_PAGE, /* answer with an error page: redirect nowhere */
	AUTHZ_REDIRECT, /* answer error to request.redirect_uri by its mode, with its state */
};

struct authz_parsed {
	enum authz_verdict verdict;
	const char *page_key; /* of a page: "error.client_unknown", "error.redirect_uri",
				 "error.request" */
	struct error error; /* of both: code and description */
	struct authz_request
		request; /* whole if good; if redirect, what the error response needs */
};

/* The client_id to load, or NULL if it is missing, given twice, over-long or holds what no
 * client_id holds. */
const char *authz_request_client_id(const struct params *params);
/* Validate. verdict: the verdict of params_parse. client: the one loaded for
 * authz_request_client_id, NULL if there is none or it is disabled. The strings live in the arena
 * or in params. */
void authz_request_parse(struct arena *arena, const struct params *params,
	enum params_verdict verdict, const struct client *client, struct authz_parsed *out);

/* What became of id_token_hint. */
enum authz_hint {
	AUTHZ_HINT_GOOD, /* our signature, whatever its age; claims is its payload */
	AUTHZ_HINT_STALE, /* signed by a key that is unknown, as long after a rotation: the citizen
			     signs in again */
	AUTHZ_HINT_BAD, /* malformed, or a bad signature: invalid_request */
};
/* Note the hint's sub in parsed->request, or turn parsed into a redirect error. issuer: ours; the
 * hint must be by it. OIDC Core s3.1.2.1, s3.1.2.2 */
void authz_request_hint(struct arena *arena, struct authz_parsed *parsed, enum authz_hint hint,
	const json_t *claims, const char *issuer);

/* A new object; without id_token_hint itself. */
json_t *authz_request_to_json(const struct authz_request *request);
/* Read what to_json made. ERR_FORMAT. */
MUST_CHECK struct result authz_request_from_json(
	struct arena *arena, const json_t *object, struct authz_request *out);

#endif
