/* SPDX-License-Identifier: Apache-2.0 */
/* Send a code for a way of the second step, and tell why not. */
#ifndef PRATU_WEB_SEND_CODE_H
#define PRATU_WEB_SEND_CODE_H

#include "idp/web/signin.h"
#include "idp/web/ways.h"

/* A form asked for it, never a GET: send a code for way (one whose codes are sent), and answer: 303
 * to the page that asks for the code, or to the one that tells why none was sent. ERR_DB,
 * ERR_VAULT. */
MUST_CHECK struct result send_code(
	struct context *ctx, struct flow *flow, const struct signin_way *way);
/* After the first step: send a code at once where the citizen has nothing to choose and it is
 * needed; answer by flow_next. ERR_DB, ERR_VAULT. */
MUST_CHECK struct result send_code_next(struct context *ctx, struct flow *flow);

#endif
