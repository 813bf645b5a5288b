/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The web role's rows of the audit log. A row that belongs to a change is written by the statement
 * that makes the change; this is for those that belong to no change (refusals), and for what every
 * row holds about the request. A refusal of an unauthenticated client is counted, not stored.
 */
#ifndef PRATU_WEB_RECORD_H
#define PRATU_WEB_RECORD_H

#include "idp/web/session.h"

struct record_event {
	const char *kind; /* 'authorize', 'logout', 'client_auth', ... */
	const char *outcome; /* 'ok', 'refused', 'failed', 'abandoned' */
	const char *reason; /* a short fixed word, or NULL */
	const char *client_id; /* of a known client; NULL for an unknown one */
	const char *citizen_id; /* the subject, where session is NULL */
	const struct session *session; /* subject, actor, session, authentication, acr and amr are
					  its; NULL: none */
	const json_t *detail; /* borrowed; never a secret; NULL: none. Not for what is searched */
	const char *grant_id, *jti, *scope; /* each may be NULL */
};

/* Write one row. ERR_DB: it may not be stored; deny the request. */
MUST_CHECK struct result record_write(struct context *ctx, const struct record_event *event);
/* A row if event has a session, otherwise one more in the count of its kind, outcome, reason and
 * client (idp/base/tally.h). ERR_DB. */
MUST_CHECK struct result record_write_or_count(
	struct context *ctx, const struct record_event *event);

/* Who sent the request, as every row holds it. In the arena; each but correlation_id may be NULL.
 */
struct record_asker {
	const char *address;
	const char *device; /* hex SHA-256 of the device cookie */
	const char *user_agent; /* valid UTF-8, cut to a length that is kept */
	const char *correlation_id;
};
/* Of the request being answered. */
struct record_asker record_asker(struct context *ctx);
/* The same as members of a query's struct. */
#define RECORD_ASKER(who) \
	.address = (who).address, .device = (who).device, .user_agent = (who).user_agent, \
	.correlation_id = (who).correlation_id

#endif
