/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tickets: the vault's own word, kept by others: base64url(JSON) "." base64url(HMAC-SHA256), each
 * kind under its own key. A ticket states what was true when it was made and when it expires
 * ("exp", unix seconds); it does not know whether a session was ended or a grant revoked meanwhile:
 * that stands in the database, and whoever holds the ticket asks there.
 */
#ifndef PRATU_VAULT_TICKET_H
#define PRATU_VAULT_TICKET_H

#include "idp/base/json.h"
#include "idp/vault/secrets.h"

#define TICKET_PARTIAL_TTL_S 600
#define TICKET_LEN_MAX 8192

enum ticket_kind {
	TICKET_PARTIAL, /* the password was right: authentication_id, subject_id, actor_id,
			   transaction, credentials_us */
	TICKET_SIGN_IN, /* the sign-in is in the audit log: authentication_id, subject_id,
			   actor_id, acr, amr, auth_time */
	TICKET_GRANT, /* and for one client: also grant_id, sub, client_id, scope */
};

/* claims (borrowed, with an integer exp) as a ticket, in the arena. */
const char *ticket_make(struct arena *arena, const struct secrets *secrets, enum ticket_kind kind,
	const json_t *claims);

enum ticket_verdict {
	TICKET_GOOD,
	TICKET_FOREIGN, /* not of this kind, not ours, or not as we made it */
	TICKET_EXPIRED,
};

struct ticket_check {
	const struct secrets *secrets;
	enum ticket_kind kind;
	int64_t now_s;
};
/* Read a ticket. *claims is set, and owned by the caller, on TICKET_GOOD and TICKET_EXPIRED. */
enum ticket_verdict ticket_open(
	const struct ticket_check *check, const char *text, json_t **claims);

/* Whom a ticket's claims are about, and who acts; NULL if they hold none. Tickets of the first
 * release have one citizen_id for both. The text lives as long as claims. */
const char *ticket_subject(const json_t *claims);
const char *ticket_actor(const json_t *claims);

#endif
