/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sign-in on its way through the pages: the transaction that form and address carry
 * (transaction.h), with the client, the session and the decision that go with it. Which step is
 * next is steps.h's table; this opens, seals and ends. Without a session cookie it asks nothing of
 * the database.
 *
 * Members of the stage: "typed" (flag: the last form was of the page with the password), "partial"
 * (the first step's proof), "ways", "way" and "step_up" (ways.h), "login" (the login name that was
 * typed, to be shown again), "session_id" (of the session to be), "authenticated", "account",
 * "consented" (the session in which each was done), "other_account" (flag), "shown_to" and "shown"
 * (the session and the claims of the question that a form asks), "stopped" (wrong codes to tell
 * of), "fault" and "wait_until" (what there is to tell of the last form).
 */
#ifndef PRATU_WEB_FLOW_H
#define PRATU_WEB_FLOW_H

#include "idp/web/grant.h"
#include "idp/web/transaction.h"

struct flow {
	enum transaction_state state;
	struct transaction transaction;
	const struct registered *registered; /* NULL: a sign-in at "/" */
	struct authz_request request; /* empty at "/" */
	const struct session *session; /* the browser's, if live */
	struct authz_decision decision; /* of flow_judge; not looked at at "/" */
};

/* Begin a transaction for request (NULL: at "/") in this browser, and answer 303 to its page.
 * *fits false: the request is longer than an address can carry, and nothing was answered.
 * ERR_VAULT. */
MUST_CHECK struct result flow_begin(
	struct context *ctx, const struct authz_request *request, bool *fits);
/* Begin again with the request of a transaction that is too old, or was used for a code. ERR_VAULT.
 */
MUST_CHECK struct result flow_begin_again(struct context *ctx, const struct flow *flow);

/* Open what a form or an address carries, with its client and the browser's session. Unknown too if
 * the client or its redirect_uri was withdrawn since. *out is never NULL on success. ERR_DB,
 * ERR_VAULT. */
MUST_CHECK struct result flow_open(struct context *ctx, const char *text, struct flow **out);
#define AUTO_FLOW __attribute__((cleanup(flow_auto)))
/* Release it. NULL-safe. */
void flow_auto(struct flow **flow);
/* Decide again, after stage or session changed. ERR_VAULT; ERR_DB also if the client was withdrawn
 * at this moment: the next request finds it gone. */
MUST_CHECK struct result flow_judge(struct context *ctx, struct flow *flow);
/* What grant.h works on. */
struct grant flow_grant(const struct flow *flow);

/* Seal it as it is now, for a form or an address. *text lives in the arena. ERR_VAULT, ERR_BOUNDS.
 */
MUST_CHECK struct result flow_seal(struct context *ctx, const struct flow *flow, const char **text);
/* 303 to its page. Errors of flow_seal. */
MUST_CHECK struct result flow_show(struct context *ctx, const struct flow *flow);
/* After a step was done: 303 to the page of the next, or the end: the code or an error to the
 * agency, or 303 to "/". ERR_DB, ERR_VAULT. */
MUST_CHECK struct result flow_next(struct context *ctx, struct flow *flow);
/* No step is due: issue the code or tell the error, or go to "/". flow is judged. ERR_DB,
 * ERR_VAULT. */
MUST_CHECK struct result flow_end(struct context *ctx, struct flow *flow);
/* The citizen cancels: access_denied to the agency, or 303 to "/". Counted, or a row of the audit
 * log if the browser has a session. ERR_DB. */
MUST_CHECK struct result flow_cancel(struct context *ctx, const struct flow *flow);

#endif
