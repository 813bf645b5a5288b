/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May this client have tokens for this code or refresh token? The client is already authenticated,
 * the facts were loaded by one query; what is decided here still has to be committed by a statement
 * that may find that somebody else was faster.
 *
 * A wrong code_verifier or redirect_uri does not spend the code: a verifier holds 256 bits and
 * cannot be guessed within 60 s, and a client that errs once would otherwise have to send its
 * citizen round again. A second use of a code by its own client, and of a rotated refresh token,
 * revokes the grant with all its tokens (RFC 6749 s4.1.2, s10.4; RFC 9700 s2.2.2, s4.14.2). There
 * is no time of grace. Pure.
 */
#ifndef PRATU_OIDC_TOKEN_DECIDE_H
#define PRATU_OIDC_TOKEN_DECIDE_H

#include "oidc/client.h"
#include "oidc/token_request.h"

/* What the database says of a grant. */
struct token_grant_facts {
	const char *scope; /* space-separated, as granted */
	int64_t expires_at_s;
	bool revoked;
	bool offline; /* outlives the session */
	bool session_lives;
	bool citizen_locked;
};

/* Of a code or refresh token. */
struct token_facts {
	bool found;
	const char *client_id; /* it was given to */
	bool spent;
	int64_t expires_at_s;
	const char *redirect_uri, *code_challenge; /* of a code; the challenge may be NULL */
	struct token_grant_facts grant;
};

enum token_action {
	TOKEN_ISSUE,
	TOKEN_REFUSE,
	TOKEN_REFUSE_AND_REVOKE, /* the grant, and so every token of it */
};

struct token_decision {
	enum token_action action;
	struct error error; /* of a refusal */
	const char *reason; /* of a refusal, a short fixed word for the record */
	const char *scope; /* of the tokens to be made, space-separated */
	bool id_token; /* openid is in scope */
	bool new_refresh_token; /* make one: with a code, or in rotation */
};

struct token_question {
	const struct client *client;
	const struct token_request *request;
	const struct token_facts *facts;
	int64_t now_s;
};

/* RFC 6749 s4.1.3, s5.2, s6; RFC 7636 s4.6; OpenID Connect Core s3.1.3.2, s12 */
struct token_decision token_decide(struct arena *arena, const struct token_question *question);
/* Does a grant still give anything at all? NULL: yes. Otherwise a short fixed word: why not. For
 * userinfo, introspection and revocation too. */
const char *token_decide_grant_dead(const struct token_grant_facts *grant, int64_t now_s);

#endif
