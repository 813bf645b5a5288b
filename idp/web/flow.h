/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sign-in on its way through the pages: the transaction that a form's handle names, and what
 * comes next. The steps (password, totp, account, consent) are in ep_signin.c and its neighbours;
 * this decides their order and the end.
 */
#ifndef PRATU_WEB_FLOW_H
#define PRATU_WEB_FLOW_H

#include "idp/web/session.h"
#include "oidc/authz_request.h"

enum flow_state {
	FLOW_LIVE,
	FLOW_EXPIRED, /* known, but too old or finished: its request can start anew */
	FLOW_UNKNOWN, /* no such handle, or another browser's */
};

enum flow_step {
	FLOW_STEP_PASSWORD,
	FLOW_STEP_TOTP,
	FLOW_STEP_ACCOUNT, /* prompt=select_account */
	FLOW_STEP_CONSENT,
	FLOW_STEP_DONE,
};

struct flow {
	enum flow_state state;
	const char *handle; /* as in the form */
	uint8_t handle_hash[SHA256_LEN];
	const struct client *client; /* NULL: a sign-in at "/" */
	const json_t *request; /* the validated authorization request (oidc/authz_request.h makes
				  and reads it) */
	/* What was done: "partial" (text, of the sign-in pages), "login" (flow_login.h),
	 * "session_id" (to be), and what flow_authenticated, flow_account_chosen and
	 * flow_consented note. */
	json_t *stage;
	const struct session *session; /* the browser's, if live */
	const char *redirect_origin; /* for form-action, NULL at "/" */
	struct str_list asked; /* claims the client will learn, by name, for the page: "name",
				  "email", "national_id", ... */
	const char *ui_locales, *login_hint; /* from the request, or NULL */
	const struct flow_own *own; /* what only flow.c reads */
};

/* A new transaction for request (borrowed) and client_id (NULL at "/"), bound to this browser's
 * device cookie. *handle lives in the arena. ERR_DB. */
MUST_CHECK struct result flow_start(
	struct context *ctx, const char *client_id, const json_t *request, const char **handle);
/* The same for a request that /authorize has validated. */
MUST_CHECK struct result flow_start_for(
	struct context *ctx, const struct authz_request *request, const char **handle);
/* 303 to the page of a transaction. */
void flow_show(struct context *ctx, const char *handle);
/* Everything of the transaction that handle names, by one query. *out is never NULL on success:
 * look at state. ERR_DB. */
MUST_CHECK struct result flow_load(struct context *ctx, const char *handle, struct flow **out);
/* Release client and json. NULL-safe. */
#define AUTO_FLOW __attribute__((cleanup(flow_auto)))
void flow_auto(struct flow **flow);
/* Store flow->stage. ERR_DB. */
MUST_CHECK struct result flow_save(struct context *ctx, const struct flow *flow);
/* Note in flow->stage that a step was done; flow_next stores it. A good sign-in: flow->session is
 * already the new session. */
void flow_authenticated(struct flow *flow, const struct vault_signed_in *sign_in);
/* same: the citizen who is signed in goes on; otherwise the next step is the password of somebody
 * else. */
void flow_account_chosen(struct flow *flow, bool same);
/* The citizen allows what flow->asked names. It counts for the citizen to whom the page was
 * shown. */
void flow_consented(struct flow *flow);
/* What the transaction needs now, from stage, session, request and remembered consent.
 * FLOW_STEP_DONE: call flow_next. In a GET it also notes to whom the account or consent page is
 * shown. ERR_DB, ERR_VAULT. */
MUST_CHECK struct result flow_step(
	struct context *ctx, const struct flow *flow, enum flow_step *out);
/* After a step was done: 303 to /signin?t=... if there is more to do; otherwise finish: issue the
 * code and answer to the agency, or 303 to "/" . Writes ctx->response. ERR_DB, ERR_VAULT. */
MUST_CHECK struct result flow_next(struct context *ctx, struct flow *flow);
/* The citizen said no: access_denied to the agency (or 303 "/"), the transaction finished, a row
 * in the record. */
MUST_CHECK struct result flow_cancel(struct context *ctx, struct flow *flow);
/* A new transaction for the request of an expired one: 303 to its page. */
MUST_CHECK struct result flow_restart(struct context *ctx, struct flow *flow);

#endif
