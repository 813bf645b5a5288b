/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a client gets no tokens for a code or refresh token: the statement that spends it found
 * nothing to spend, and the facts that a second query loaded are judged here. The client is already
 * authenticated. Each grant type has its own decision (oidc/grant_<name>.c) out of the parts below.
 *
 * A wrong code_verifier or redirect_uri does not spend the code: a verifier holds 256 bits and
 * cannot be guessed within 60 s, and a client that errs once would otherwise have to send its
 * citizen round again. A second use of a code by its own client, with the right redirect_uri and
 * verifier, and of a rotated refresh token whose successor was used, revokes the grant with all its
 * tokens (RFC 6749 s4.1.2, s10.4; RFC 9700 s2.2.2, s4.14.2). Pure.
 */
#ifndef PRATU_OIDC_TOKEN_DECIDE_H
#define PRATU_OIDC_TOKEN_DECIDE_H

#include "oidc/client.h"
#include "oidc/token_request.h"

/* What the database holds about a grant. Times are judged by its clock. */
struct token_grant_facts {
	const char *scope; /* space-separated, as granted */
	bool expired;
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
	bool expired;
	int64_t expires_at_s; /* of a code or refresh token */
	int64_t expired_for_s; /* since then, by the database's clock; negative: in the future */
	const char *redirect_uri, *code_challenge; /* of a code; the challenge may be NULL */
	bool successor_unused; /* of a spent refresh token */
	struct token_grant_facts grant;
};

enum token_action {
	TOKEN_AGAIN, /* nothing is refused: the obstacle no longer exists, and it can be spent */
	TOKEN_REFUSE,
	TOKEN_REFUSE_AND_REVOKE, /* the grant, and so every token of it */
};

struct token_decision {
	enum token_action action;
	struct error error; /* of a refusal */
	const char *reason; /* of a refusal, a short fixed word for the audit log */
};

struct token_question {
	const struct client *client;
	const struct token_request *request;
	const struct token_facts *facts;
};

/* What can be refused without the database: a grant type that is not registered for the client, and
 * what the grant type itself refuses. question->facts is not read. RFC 6749 s5.2 */
struct token_decision token_decide_early(
	struct arena *arena, const struct token_question *question);
/* Why was nothing spent? RFC 6749 s4.1.3, s5.2, s6; RFC 7636 s4.6; OpenID Connect Core s3.1.3.2,
 * s12 */
struct token_decision token_decide(struct arena *arena, const struct token_question *question);
/* The answer if nothing was spent, nor is there a reason, though it was tried again. */
struct token_decision token_decide_changed(struct arena *arena);
/* Does a grant still give anything at all? NULL: yes. Otherwise a short fixed word: why not. For
 * userinfo, introspection and revocation too. */
const char *token_decide_grant_dead(const struct token_grant_facts *grant);
/* The scopes that tokens may have, if they are granted: those registered for the client (a
 * registration may have been narrowed since), and of these the wanted ones, if any are wanted. */
struct str_list token_decide_scopes(
	struct arena *arena, const struct client *client, const struct str_list *wanted);

#endif
