/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an authorization request leads to: a code, a step that the citizen must take first, or an
 * error to the client (OIDC Core s3.1.2.3 - s3.1.2.6). Asked again after each step; the facts
 * alone decide. Pure.
 */
#ifndef PRATU_OIDC_AUTHZ_DECIDE_H
#define PRATU_OIDC_AUTHZ_DECIDE_H

#include "oidc/authz_request.h"

/* What is known when the decision is made. */
struct authz_facts {
	bool signed_in; /* the browser has a live session; the next three are its own */
	int64_t auth_time_s;
	const char *acr;
	const char *sub; /* the citizen's at this client; looked at only if authz_decide_needs_sub;
			    NULL: unknown, which is nobody */
	struct str_list remembered_scope; /* of the consent on record */
	struct str_list remembered_claims; /* names allowed beyond scopes */
	struct str_list remembered_shown; /* names of all claims that were shown when it was given;
					     looked at only if remembered_exact */
	bool remembered_exact; /* false: the consent was stored before names were */
	const json_t *stored; /* idp.citizen.claims of who is signed in; NULL: not known */
	/* What was done in this transaction, by the citizen of this session. */
	bool authenticated;
	bool account_chosen; /* "go on as this citizen" */
	bool other_account; /* "sign in as somebody else", and not signed in since */
	bool consented;
	struct str_list shown; /* names of the claims on the page that was allowed */
};

enum authz_outcome {
	AUTHZ_ISSUE,
	AUTHZ_STEP,
	AUTHZ_ERROR, /* to the client */
};

enum authz_step {
	AUTHZ_STEP_SIGN_IN,
	AUTHZ_STEP_LEVEL, /* prove more, to the session that is there */
	AUTHZ_STEP_ACCOUNT,
	AUTHZ_STEP_CONSENT,
};

struct authz_decision {
	enum authz_outcome outcome;
	enum authz_step step;
	struct error error;
	struct claims_grant grant; /* what the client gets with the code: where consent was asked
				      for, no claim that was not shown */
	bool offline; /* a refresh token goes with it */
};

/* Must facts.sub be known? With a verified id_token_hint, or where claims asks the ID token's sub
 * by value (s5.5.1). */
bool authz_decide_needs_sub(const struct authz_request *request);
struct authz_question {
	const struct authz_request *request;
	const struct client *client;
	const struct authz_facts *facts;
	int64_t now_s; /* unix seconds */
};
/* Of a client that cannot prove who it is and has no https redirect_uri, a session alone is not
 * enough for a code: the citizen acts in this transaction (RFC 8252 s8.6). *out's lists live in the
 * arena. */
void authz_decide(
	struct arena *arena, const struct authz_question *question, struct authz_decision *out);

#endif
