/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the steps of a sign-in share: the pages, and what there is to tell of the last form. Which
 * step is next is decided in steps.h.
 */
#ifndef PRATU_WEB_SIGNIN_H
#define PRATU_WEB_SIGNIN_H

#include "idp/page/page.h"
#include "idp/web/flow.h"

struct step; /* idp/web/steps.h */

/* What there is to tell of what the citizen sent: keys of texts, each NULL if there is nothing. The
 * transaction carries its name. */
struct signin_fault {
	const char *name;
	const char *login, *password, *code; /* beside the field */
	const char *send; /* of what sends a code */
	const char *summary; /* above, where the fields' own words would tell too little */
	const char *advice; /* below it */
	const char *page; /* in place of the step's own: "wait" (until stage's wait_until),
			     "blocked"; NULL: none */
	const char *lead, *keep, *why; /* of "wait": keys of its texts; lead NULL: "wait.text" */
	const char *again; /* of "wait": the step that it leads to, "password"; NULL: the one that
			      is due */
};

/* The page for a transaction that is not live. ERR_VAULT. */
MUST_CHECK struct result signin_show_expired(struct context *ctx, const struct flow *flow);
/* Answer a POST by a redirect to the page that tells the fault, which the transaction carries until
 * the next POST. So reloading, going Back and switching the language never send a form again. name:
 * of a row of a step's faults. wait_s: of a page "wait", otherwise 0. Errors of flow_show. */
MUST_CHECK struct result signin_again(
	struct context *ctx, struct flow *flow, const char *name, int64_t wait_s);
/* The page of a step, or the one of its fault in its place. ERR_DB, errors of flow_seal. */
MUST_CHECK struct result signin_show(struct context *ctx, struct flow *flow,
	const struct step *step, const struct signin_fault *fault);

/* For the steps: show the template called name. data (owned by this call) gets what every page of a
 * sign-in shows, and fault's texts. Errors of flow_seal. */
MUST_CHECK struct result signin_page(struct context *ctx, struct flow *flow, const char *name,
	const struct signin_fault *fault, json_t *data);
/* For the steps that ask a citizen who is signed in: the same with the citizen's name; the form
 * counts for this citizen alone. */
MUST_CHECK struct result signin_question(
	struct context *ctx, struct flow *flow, const char *name, json_t *data);
/* What is sent to the vault about the sender of the request. The session's id is made with the
 * first password of a sign-in and kept until a session has it. */
struct signin_asker signin_asker(struct context *ctx, struct flow *flow);

#endif
