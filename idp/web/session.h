/* SPDX-License-Identifier: Apache-2.0 */
/* A citizen's session: made from the vault's ticket, found by the SHA-256 of the cookie, ended by
 * row. */
#ifndef PRATU_WEB_SESSION_H
#define PRATU_WEB_SESSION_H

#include "idp/web/vault_ops.h"
#include "idp/web/web.h"

#define SESSION_COOKIE "__Host-session"
#define DEVICE_COOKIE "__Host-device"

struct session {
	const char *session_id, *citizen_id, *authentication_id, *ticket, *acr;
	struct str_list amr;
	int64_t auth_time_s, last_seen_s, expires_at_s;
	const json_t *claims; /* the citizen's; in an arena-held reference, NULL until loaded */
};

/* The hash of the session cookie, NULL if none came; for queries that join idp.session themselves.
 * 32 bytes. */
const uint8_t *session_token_hash(struct context *ctx);
/* Fill a session from a row with the columns session_id, citizen_id, authentication_id, ticket,
 * acr, amr (as text[]::text joined by space), auth_time_s, last_seen_s, expires_at_s;
 * *out is NULL if session_id is NULL. The WHERE of the query has already dropped ended, idle and
 * expired ones, and those of a locked citizen. */
void session_from_row(
	struct context *ctx, const struct rows *rows, int row, const struct session **out);
/* The browser's live session, or NULL. Touches last_seen_at when it is older than a minute. ERR_DB.
 */
MUST_CHECK struct result session_load(struct context *ctx, const struct session **out);
/* Make one after a good sign-in, with a new cookie. The one that this browser had ends: what
 * agencies were given in it lives on in the new one if it is the same citizen's, and is revoked
 * otherwise. session_id: the one named in the vault's context. ERR_DB. */
MUST_CHECK struct result session_start(struct context *ctx, const char *session_id,
	const struct vault_signed_in *sign_in, const struct session **out);
/* End one of the citizen's sessions, or with session_id NULL all but the acting one, and revoke the
 * grants in it that are not offline; a row in the record for each. *ended false: not theirs or
 * gone. ERR_DB. */
MUST_CHECK struct result session_end(struct context *ctx, const struct session *by,
	const char *session_id, const char *reason, bool *ended);
/* Take the cookie away. */
void session_forget_cookie(struct context *ctx);

/* The device cookie's value, made and set if none came; and its SHA-256. Never NULL. */
const char *device_cookie(struct context *ctx);
const uint8_t *device_hash(struct context *ctx);

#endif
