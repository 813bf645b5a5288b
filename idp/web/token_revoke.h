/* SPDX-License-Identifier: Apache-2.0 */
/* Ending a grant with all its tokens, and saying so in the record, in one statement. */
#ifndef PRATU_WEB_TOKEN_REVOKE_H
#define PRATU_WEB_TOKEN_REVOKE_H

#include "idp/web/token_load.h"

struct token_revoke {
	const struct token_load *load; /* of a grant that was found */
	const char *client_id; /* who asked */
	const char *kind, *outcome, *reason; /* of the row of the record */
};

/* ERR_DB. */
MUST_CHECK struct result token_revoke(struct context *ctx, const struct token_revoke *in);

#endif
