/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RP-Initiated Logout 1.0: what a request to end the session asks, and what is to be done about
 * it. With an ID token of ours as the hint, expired or not, that names the signed-in citizen, the
 * session ends at once; otherwise the citizen is asked first. The browser is sent on only to a
 * URI that is registered (client.h) for a client that is known; a URI that is sent without
 * hint and client_id leads nowhere, and is no reason to keep the citizen signed in. Pure.
 */
#ifndef PRATU_OIDC_LOGOUT_H
#define PRATU_OIDC_LOGOUT_H

#include "idp/base/params.h"
#include "oidc/client.h"
#include "oidc/error.h"

#define LOGOUT_TEXT_MAX 1024 /* bytes of state, ui_locales, client_id, logout_hint */
#define LOGOUT_HINT_MAX 8192 /* of id_token_hint */

/* NULL where not given. logout_hint and unknown parameters are ignored. */
struct logout_request {
	const char *id_token_hint, *client_id, *post_logout_redirect_uri, *state, *ui_locales;
};

/* Read the parameters. verdict: params_parse's verdict. False: *fault is what is wrong; the
 * answer is a page. s2 */
bool logout_parse(struct arena *arena, const struct params *params, enum params_verdict verdict,
	struct logout_request *out, struct error *fault);

/* The hint's claims, once its signature was found to be ours. All NULL: no hint, or not ours. */
struct logout_hint {
	const char *client_id; /* its aud */
	const char *grant_id; /* its sid */
};
/* Take aud and sid from the verified claims of an ID token; issuer: ours. False: it is not one of
 * ours, as if none had been sent. */
bool logout_read_hint(
	struct arena *arena, const json_t *claims, const char *issuer, struct logout_hint *out);
/* The client to load: the hint's, or that of client_id; NULL: nobody is named. */
const char *logout_client_id(const struct logout_request *request, const struct logout_hint *hint);

struct logout_facts {
	const struct client *client; /* of logout_client_id; NULL: unknown or disabled */
	bool signed_in;
	bool hint_is_citizen; /* the hint is ours and was given about the citizen who is signed in
			       */
	bool confirmed; /* the citizen confirmed */
};

enum logout_outcome {
	LOGOUT_END, /* end the session, if there is one, and go to *location, or show the page of
		       those who signed out */
	LOGOUT_ASK, /* ask the citizen first */
	LOGOUT_PAGE, /* an error page; nothing ends */
};

struct logout_decision {
	enum logout_outcome outcome;
	const char
		*location; /* the registered URI with state behind it; NULL: none was asked for */
	struct error error; /* of a page */
};
struct logout_question {
	const struct logout_request *request;
	const struct logout_hint *hint;
	const struct logout_facts *facts;
};
/* s2, s3. *out's texts live in the arena. */
void logout_decide(
	struct arena *arena, const struct logout_question *question, struct logout_decision *out);

#endif
