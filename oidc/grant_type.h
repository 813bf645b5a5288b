/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grant types of the token endpoint, one row each: a new one is a line of GRANT_TYPES,
 * oidc/grant_<name>.c, and idp/web/token_<name>.c that spends what it presents. The token endpoint,
 * the discovery document and client registration read this table. Pure.
 */
#ifndef PRATU_OIDC_GRANT_TYPE_H
#define PRATU_OIDC_GRANT_TYPE_H

#include "oidc/token_decide.h"

#define GRANT_TYPES(ROW) ROW(authorization_code) ROW(refresh_token)

#define GRANT_TYPE_ID(name) GRANT_##name,
enum grant_type_id {
	GRANT_TYPES(GRANT_TYPE_ID) GRANT_TYPES_N,
};

struct grant_type {
	enum grant_type_id id;
	const char *name; /* the value of grant_type */
	const char *kind; /* of the rows of the audit log about it */
	/* Read its parameters. ERROR_INVALID_REQUEST or ERROR_INVALID_SCOPE; *out is set with
	 * ERROR_NONE. */
	struct error (*read)(
		struct arena *arena, const struct params *form, struct token_request *out);
	/* What can be refused without the database; question->facts is NULL. NULL: nothing. */
	struct token_decision (*judge)(struct arena *arena, const struct token_question *question);
	/* Why was nothing spent? TOKEN_AGAIN: the facts give no reason. */
	struct token_decision (*decide)(struct arena *arena, const struct token_question *question);
};

#define GRANT_TYPE_ROW(name) extern const struct grant_type grant_##name;
GRANT_TYPES(GRANT_TYPE_ROW)

/* By its id. */
const struct grant_type *grant_type_of(enum grant_type_id id);
/* By the value of grant_type; NULL: there is none. */
const struct grant_type *grant_type_find(const char *name);
/* "authorization_code or refresh_token", for refusals, with that word before the last. In the
 * arena. */
const char *grant_type_names(struct arena *arena, const char *word);
/* May the client use it, by its grant_types? RFC 7591 s2 */
bool grant_type_registered(const struct client *client, enum grant_type_id id);

#endif
