/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refusals about tokens: about a grant that was found and is the asking client's own, a row of the
 * record; all others prove nothing and are counted.
 */
#ifndef PRATU_WEB_TOKEN_REFUSE_H
#define PRATU_WEB_TOKEN_REFUSE_H

#include "idp/web/token_facts.h"

struct token_refuse {
	const char *kind, *reason; /* of the row of the audit log */
	const char *client_id; /* registered; who asked */
	const struct token_found *found; /* NULL, or of another client: counted only */
	const char *jti; /* of the access token, or NULL */
};

/* Record or count it. ERR_DB. */
MUST_CHECK struct result token_refuse(struct context *ctx, const struct token_refuse *in);
/* Record it, and end the grant with all its tokens, in one statement. in->found is the client's
 * own. ERR_DB. */
MUST_CHECK struct result token_refuse_and_end(struct context *ctx, const struct token_refuse *in);

#endif
