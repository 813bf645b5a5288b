/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A citizen's session: found by the SHA-256 of its cookie, ended by the database's one function for
 * that. It begins in signin_end.h, where a sign-in ends.
 */
#ifndef PRATU_WEB_SESSION_H
#define PRATU_WEB_SESSION_H

#include "idp/base/handle.h"
#include "idp/web/device.h"
#include "idp/web/web.h"

#define SESSION_COOKIE "__Host-session"

/* What the citizen allowed one client before. All empty: nothing, or no client was asked about. */
struct session_consent {
	struct str_list scope;
	struct str_list claims; /* names beyond those of the scopes */
	struct str_list shown; /* names of all claims that the page showed */
	bool shown_known; /* false in what older versions stored: shown is empty */
};

struct session {
	const char *session_id;
	const char *created_at; /* as PostgreSQL writes it: with session_id, the row's key */
	const char *subject_id, *actor_id; /* whom it is about, and who acts: one person today */
	const char *authentication_id, *ticket, *acr;
	struct str_list amr;
	int64_t auth_time_s, last_seen_s, expires_at_s;
	const char *claims; /* the citizen's, JSON text; NULL: not loaded */
	struct session_consent consent;
};

/* The browser's session cookie as look-ups need it. */
struct session_cookie {
	struct bytes token_hash; /* data NULL: none was sent, or no handle of ours */
	struct handle_span span;
};
/* Parse and hash the request's session cookie, into the arena. */
struct session_cookie session_cookie(struct context *ctx);

/* The browser's live session with the citizen's claims and their consent to client_id (NULL: to
 * none); *out NULL: there is none. Without a cookie nothing is asked of the database. ERR_DB. */
MUST_CHECK struct result session_load(
	struct context *ctx, const char *client_id, const struct session **out);
/* Note that it was used, if that was not noted for a minute. ERR_DB. */
MUST_CHECK struct result session_touch(struct context *ctx, const struct session *session);
/* A list of names from JSON text, in the arena; empty for NULL. ERR_FORMAT. */
MUST_CHECK struct result session_names(struct arena *arena, const char *json, struct str_list *out);
/* Read what a query gave of a consent: scope space-separated, claims and shown JSON arrays; each
 * may be NULL. ERR_FORMAT. */
MUST_CHECK struct result session_consent_read(struct arena *arena, const char *scope,
	const char *claims, const char *shown, struct session_consent *out);

enum session_which {
	SESSION_ONE, /* the one named */
	SESSION_OTHERS, /* all but the acting one */
};
struct session_ending {
	enum session_which which;
	const char *session_id; /* of SESSION_ONE */
	const char *cause; /* a short fixed word for the audit log */
};
/* End sessions of the acting citizen, and the grants in them that are not offline; a row of the
 * record for each. *ended false: not theirs, or ended before. ERR_DB. */
MUST_CHECK struct result session_end(struct context *ctx, const struct session *by,
	const struct session_ending *ending, bool *ended);
/* End the acting session itself. ERR_DB. */
MUST_CHECK struct result session_end_own(
	struct context *ctx, const struct session *session, const char *cause);
/* Take the cookie away. */
void session_forget_cookie(struct context *ctx);

#endif
