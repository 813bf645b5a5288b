/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What /authorize and the sign-in flow share: the facts of a request, the decision over them, the
 * code that ends it, and the answer to the agency. The rules themselves are
 * oidc/authz_decide.h's.
 */
#ifndef PRATU_WEB_GRANT_H
#define PRATU_WEB_GRANT_H

#include "idp/web/session.h"
#include "oidc/authz_decide.h"
#include "oidc/authz_response.h"

/* A request with all that was loaded for it. */
struct grant {
	const struct authz_request *request;
	const struct client *client;
	const struct session *session; /* the browser's, if live */
	struct str_list remembered_scope, remembered_claims;
	const json_t *stage; /* of the transaction; NULL: there is none */
	const uint8_t *handle_hash; /* of the transaction, SHA256_LEN bytes; NULL: there is none */
};

/* Is the step of stage that has this name ("authenticated", "account", "consented") done by the
 * citizen of this session? */
bool grant_stage_done(const json_t *stage, const char *name, const struct session *session);
/* Read remembered_scope and remembered_claims from a row that has these columns. */
void grant_remembered(struct context *ctx, const struct rows *rows, struct grant *grant);
/* Decide. ERR_VAULT: the citizen's sub had to be asked for. */
MUST_CHECK struct result grant_judge(
	struct context *ctx, const struct grant *grant, struct authz_decision *out);
/* Issue the code that a decision of AUTHZ_ISSUE allows, together with the end of the transaction,
 * and answer to the agency. */
enum grant_outcome {
	GRANT_ISSUED, /* the response is written */
	GRANT_SPENT, /* the transaction was finished before, or the session is gone: nothing was
			made */
	GRANT_REFUSED, /* the vault does not know the session's ticket: a new sign-in is needed */
};
MUST_CHECK struct result grant_issue(struct context *ctx, const struct grant *grant,
	const struct authz_decision *decision, enum grant_outcome *out);
/* Send a response to the agency: 303, or the page that posts itself. */
void grant_answer(struct context *ctx, const struct authz_request *request,
	const struct authz_response *response);
/* Answer an error to the agency. The row of the record is the caller's. */
void grant_answer_error(
	struct context *ctx, const struct authz_request *request, const struct error *error);

#endif
