/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules for the single parameters of an authorization request: one row each. Only
 * oidc/authz_request.c calls this, once client_id and redirect_uri are known to be good. Pure.
 */
#ifndef PRATU_OIDC_AUTHZ_RULES_H
#define PRATU_OIDC_AUTHZ_RULES_H

#include "oidc/authz_request.h"

struct authz_rules {
	struct arena *arena;
	const struct params *params;
	const struct client *client;
	struct authz_parsed *out; /* its request is filled; at the first fault its error is set */
};

/* Mode and state, which also an error response needs; from an unsigned request object where they
 * are in that alone, since the client that sent one can place the error only with its state. False:
 * state is at fault. OIDC Core s6.1 */
bool authz_rules_error_target(struct authz_rules *rules);
/* All the others, in their order. False: out->error has the reason. */
bool authz_rules_all(struct authz_rules *rules);

#endif
