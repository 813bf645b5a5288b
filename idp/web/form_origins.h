/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a form of ours may lead: form-action of the Content-Security-Policy. Browsers apply it to
 * every redirect behind a form, not to the first alone (tried in Chromium 156). An agency whose
 * callback sends the citizen on to another host of its own would be a dead end after the last form,
 * so all origins that the agency registered are named, and no others. Pure.
 */
#ifndef PRATU_WEB_FORM_ORIGINS_H
#define PRATU_WEB_FORM_ORIGINS_H

#include "oidc/client.h"

#define FORM_ORIGINS_MAX 16

/* The origins of first (a URI; may be NULL) and of the client's redirect_uris,
 * post_logout_redirect_uris and client_uri (client may be NULL), each once, space-separated, at
 * most FORM_ORIGINS_MAX. In the arena; "" if there are none. CSP3 s6.4.1 */
const char *form_origins(struct arena *arena, const struct client *client, const char *first);

#endif
