/* SPDX-License-Identifier: Apache-2.0 */
/* The refusals that the decisions of grant types (oidc/grant_<name>.c) are made of. Pure. */
#ifndef PRATU_OIDC_TOKEN_REFUSAL_H
#define PRATU_OIDC_TOKEN_REFUSAL_H

#include "oidc/token_decide.h"

/* reason: a short fixed word for the audit log. what: "code", "refresh_token". */
struct token_decision token_refusal(struct error error, const char *reason);
/* invalid_grant, with that description. */
struct token_decision token_refusal_grant(
	struct arena *arena, const char *reason, const char *description);
/* One description for an unknown token and for another client's: the owner is not disclosed. */
struct token_decision token_refusal_unknown(
	struct arena *arena, const struct token_question *question, const char *what);
/* It was used before: the grant is to be revoked. RFC 6749 s4.1.2 */
struct token_decision token_refusal_reuse(
	struct arena *arena, const char *what, const char *reason);
/* The grant gives nothing any more. */
struct token_decision token_refusal_dead(struct arena *arena, const char *reason);
/* Was it found, and given to the client that asks? */
bool token_refusal_own(const struct token_question *question);

#endif
