/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the endpoints of agencies' servers load before they decide: the client that says it is
 * there, and the code, refresh token or grant in question, by one query.
 */
#ifndef PRATU_WEB_TOKEN_LOAD_H
#define PRATU_WEB_TOKEN_LOAD_H

#include "idp/web/web.h"
#include "oidc/access_token.h"
#include "oidc/token_decide.h"

/* One row of the queries web/token_*; the texts live as long as the rows. */
struct token_load {
	struct token_facts facts;
	uint8_t hash[SHA256_LEN]; /* of the code or refresh token */
	const char *created_at; /* of the code or refresh token, as the database writes it */
	const char *grant_created_at; /* the same of the grant */
	const char *grant_id, *ticket, *sub, *nonce;
	const char *citizen_id, *session_id, *authentication_id, *acr, *amr;
	const char *grant_claims, *citizen_claims; /* JSON texts, or NULL */
	int64_t citizen_updated_at_s;
};

/* Each: ask for client_id and for what was presented; *rows (one row) is owned by the caller, and
 * also holds the columns that client_check_decide wants. ERR_DB. */
MUST_CHECK struct result token_load_code(
	struct context *ctx, const char *client_id, const char *code, struct rows **rows);
MUST_CHECK struct result token_load_refresh(
	struct context *ctx, const char *client_id, const char *token, struct rows **rows);
MUST_CHECK struct result token_load_grant(struct context *ctx, const char *client_id,
	const struct access_token *token, struct rows **rows);
/* Read the row. presented: the code or refresh token, NULL for a grant. */
void token_load_read(const struct rows *rows, const char *presented, struct token_load *out);

#endif
