/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making tokens for a decision that was to issue: the vault signs, one statement commits, and only
 * then they are written into the answer (I1). The vault comes first, so that its absence spends no
 * code.
 */
#ifndef PRATU_WEB_TOKEN_ISSUE_H
#define PRATU_WEB_TOKEN_ISSUE_H

#include "idp/web/token_load.h"

struct token_issue {
	const struct client *client;
	const struct token_request *request;
	const struct token_load *load;
	const struct token_decision *decision;
};

enum token_issue_outcome {
	TOKEN_ISSUE_DONE, /* answered 200 */
	TOKEN_ISSUE_LATE, /* the statement found nothing to spend: load and decide again */
	TOKEN_ISSUE_REFUSED, /* the vault does not take the grant's ticket */
};

/* ERR_DB, ERR_VAULT; after ERR_DB it is unknown whether the code is spent. */
MUST_CHECK struct result token_issue(
	struct context *ctx, const struct token_issue *in, enum token_issue_outcome *outcome);

#endif
