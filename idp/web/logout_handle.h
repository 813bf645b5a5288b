/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handle in the form that asks "do you want to sign out?": it carries the request, and a MAC
 * whose key is derived from the session cookie, so that only the browser that was asked can
 * answer. Nothing is stored for it.
 */
#ifndef PRATU_WEB_LOGOUT_HANDLE_H
#define PRATU_WEB_LOGOUT_HANDLE_H

#include "idp/web/web.h"
#include "oidc/logout.h"

/* A handle for request (its id_token_hint is left out; client_id must name the client if one is
 * known). In the arena. */
const char *logout_handle_make(struct context *ctx, const struct logout_request *request);
/* Read it back. False: not ours, not this browser's, or the session cookie is another since. */
bool logout_handle_read(struct context *ctx, const char *handle, struct logout_request *out);

#endif
