/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The login name that was typed, kept with its transaction to be shown again. It may be a national
 * ID, and stands beside the session that it began: so it is sealed with a key that the handle
 * gives, of which the database holds only the hash.
 */
#ifndef PRATU_WEB_FLOW_LOGIN_H
#define PRATU_WEB_FLOW_LOGIN_H

#include "idp/web/flow.h"

/* Keep login in flow->stage, which the caller stores. ERR_CRYPTO. */
MUST_CHECK struct result flow_login_put(struct context *ctx, struct flow *flow, const char *login);
/* What was typed, in the arena; NULL if nothing was, or it cannot be opened with this handle. */
const char *flow_login_get(struct context *ctx, const struct flow *flow);

#endif
