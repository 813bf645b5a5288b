/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sign-in on its way, as one sealed value that the browser carries in form and address: nothing
 * is stored for it. It is opened only with the device cookie that it was sealed for (or the one
 * before the last sign-in), and holds the validated authorization request and what was done so far.
 *
 * Form: sealed.h's, of purpose "transaction"; its owner is the SHA-256 of the device cookie, in
 * hex.
 */
#ifndef PRATU_WEB_TRANSACTION_H
#define PRATU_WEB_TRANSACTION_H

#include "idp/web/web.h"

/* Characters. A request's head holds one of them beside cookies and what browsers add, within
 * HTTP_HEADER_MAX; TRANSACTION_BEGIN_MAX leaves space for what the steps add. */
#define TRANSACTION_MAX 11264
#define TRANSACTION_BEGIN_MAX 8192

struct transaction {
	const char *id; /* UUID of version 7, and the id of the grant that it ends in */
	int64_t began_ms; /* the time in id */
	json_t *request; /* the validated authorization request (oidc/authz_request.h); an empty
			    object at "/". Owned */
	json_t *stage; /* what was done: its members are in flow.h. Owned */
};

enum transaction_state {
	TRANSACTION_LIVE,
	TRANSACTION_EXPIRED, /* ours, but too old: its request can begin again */
	TRANSACTION_UNKNOWN, /* not ours, another browser's, or older than any key */
};

/* A new one with an id of its own, for request (borrowed; copied by reference) and with an empty
 * stage. */
struct transaction transaction_new(struct context *ctx, json_t *request);
/* Release both values. NULL-safe. */
void transaction_close(struct transaction *transaction);
/* Seal it for this browser, with a new nonce. *text lives in the arena. ERR_VAULT: no key;
 * ERR_BOUNDS: it would be longer than max characters. */
MUST_CHECK struct result transaction_seal(
	struct context *ctx, const struct transaction *transaction, size_t max, const char **text);
/* Open what a browser sent (NULL: nothing). *out is set unless *state is unknown, and to be closed
 * by the caller. ERR_VAULT: there is no key at present to tell. */
MUST_CHECK struct result transaction_open(struct context *ctx, const char *text,
	struct transaction *out, enum transaction_state *state);

#endif
