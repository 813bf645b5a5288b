/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What /authorize and the sign-in share: the facts of a request, the decision over them, the code
 * that ends it, and the answer to the agency. The rules themselves are oidc/authz_decide.h's.
 */
#ifndef PRATU_WEB_GRANT_H
#define PRATU_WEB_GRANT_H

#include "idp/web/session.h"
#include "idp/web/signin_vault.h"
#include "oidc/authz_decide.h"
#include "oidc/authz_response.h"

/* A request with all that was loaded for it. */
struct grant {
	const char *id; /* UUID of version 7; the transaction's, where there is one */
	const struct authz_request *request;
	const struct registered *registered; /* the client as it is held in memory */
	const struct session *session; /* the browser's, if live */
	const json_t *stage; /* of the transaction; NULL: there is none */
};

/* Is the step of stage that has this name ("authenticated", "account", "consented", "shown_to")
 * done by the citizen of this session? */
bool grant_stage_done(const json_t *stage, const char *name, const struct session *session);
/* Does the decision for a citizen who signs in depend on what they allowed before? */
bool grant_needs_consent_record(const struct grant *grant);
/* Decide. *changed: nothing was decided, for the client is not as it was read; it is forgotten, to
 * be read again. ERR_VAULT: the citizen's sub had to be asked for. */
MUST_CHECK struct result grant_judge(
	struct context *ctx, const struct grant *grant, bool *changed, struct authz_decision *out);

/* What is stored with a code, all in the arena. */
struct grant_code {
	const char *code; /* for the agency */
	struct bytes hash;
	int64_t made_ms; /* the time in code */
	struct signin_bind bind; /* what the vault is asked to bind */
	const char *claims; /* JSON for idp.authz_grant.claims */
};
/* A new code for a decision of AUTHZ_ISSUE, its hash, and what is stored beside it. In the arena.
 */
struct grant_code grant_code_new(
	struct context *ctx, const struct grant *grant, const struct authz_decision *decision);

enum grant_outcome {
	GRANT_ISSUED, /* the response is written */
	GRANT_SPENT, /* this transaction was used for a code before */
	GRANT_CHANGED, /* the client or the session is not as it was read: decide once more */
	GRANT_REFUSED, /* the vault does not know the session's ticket: a new sign-in is needed */
};
/* Issue the code that a decision of AUTHZ_ISSUE allows to a live session, and answer to the agency.
 */
MUST_CHECK struct result grant_issue(struct context *ctx, const struct grant *grant,
	const struct authz_decision *decision, enum grant_outcome *out);
/* Send the code to the agency. */
void grant_answer_code(struct context *ctx, const struct authz_request *request, const char *code);
/* Answer an error to the agency; client: its registration, which says whether iss is in it. The
 * caller writes the row of the audit log. */
void grant_answer_error(struct context *ctx, const struct client *client,
	const struct authz_request *request, const struct error *error);

#endif
