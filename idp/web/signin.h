/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the endpoints of a sign-in share: taking up the transaction that a form names, and showing
 * the page of a step. Which step comes next is flow.h's matter.
 */
#ifndef PRATU_WEB_SIGNIN_H
#define PRATU_WEB_SIGNIN_H

#include "idp/web/flow.h"
#include "idp/page/page.h"

/* What there is to say of what the citizen sent: keys of texts, each NULL if there is nothing to
 * say. */
struct signin_fault {
	const char *page; /* "password", "totp", "wait" or "blocked": where it is said */
	const char *login, *password, *code; /* beside the field */
	const char *summary; /* above, where the fields' own words would say too little */
	const char *advice; /* below it */
	int64_t wait_until_s; /* of "wait": unix seconds */
};

/* The transaction of the form field "t", if this POST has a well-formed form and the transaction is
 * live. Otherwise the page that offers a way on was written, and *out is NULL. ERR_DB. */
MUST_CHECK struct result signin_take(struct context *ctx, struct flow **out);
/* The page for a transaction that is not live. */
void signin_show_expired(struct context *ctx, const struct flow *flow);
/* Answer a POST by a redirect to the page that says the fault, which is stored with the transaction
 * until the next POST. So reloading, going Back and switching the language never send a form again.
 * ERR_DB. */
MUST_CHECK struct result signin_again(
	struct context *ctx, struct flow *flow, const struct signin_fault *fault);
/* The page of a step. fresh: without what there is to say of the last POST. ERR_DB. */
MUST_CHECK struct result signin_show(
	struct context *ctx, const struct flow *flow, enum flow_step step, bool fresh);
/* What the vault records of who asks. The session id is made with the first password and kept until
 * a session has it. */
struct vault_context signin_context(struct context *ctx, struct flow *flow);

#endif
