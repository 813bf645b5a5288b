/* SPDX-License-Identifier: Apache-2.0 */
/* Having the tokens of one exchange signed by the vault, in one frame. */
#ifndef PRATU_WEB_TOKEN_SIGN_H
#define PRATU_WEB_TOKEN_SIGN_H

#include "idp/web/token_grant.h"

struct token_signed {
	const char *access_token;
	const char *id_token; /* NULL: openid is not in scope */
	int64_t expires_in_s;
};

/* Sign for what was granted. *refused: the vault does not accept the grant's ticket. ERR_VAULT: it
 * does not answer. */
MUST_CHECK struct result token_sign(struct context *ctx, const struct token_exchange *exchange,
	const struct token_granted *granted, struct token_signed *out, bool *refused);

#endif
