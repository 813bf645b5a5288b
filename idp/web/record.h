/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The web role's rows of the record. A row that belongs to a change is written by the statement
 * that makes the change; this is for those that stand alone (refusals), and for what every row
 * says of the request.
 */
#ifndef PRATU_WEB_RECORD_H
#define PRATU_WEB_RECORD_H

#include "idp/web/session.h"

struct record_event {
	const char *kind; /* 'authorize', 'logout', 'client_auth', ... */
	const char *outcome; /* 'ok', 'refused', 'failed', 'abandoned' */
	const char *reason; /* a short fixed word, or NULL */
	const char *client_id; /* of a known client; NULL for a stranger's typo */
	const char *citizen_id; /* used where session is NULL */
	const struct session *session; /* citizen, session, authentication, acr and amr come from
					  it; NULL: none */
	const json_t *detail; /* borrowed; never a secret; NULL: none */
};

/* Write one row. ERR_DB: it may not stand; deny. */
MUST_CHECK struct result record_write(struct context *ctx, const struct record_event *event);
/* Append what a statement's own event needs of the request, four arguments: address (inet),
 * device (text), user_agent (text), correlation_id (text). */
void record_context(struct context *ctx, struct db_args *args);
#define RECORD_CONTEXT_ARGS 4

#endif
