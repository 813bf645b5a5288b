/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A form that another site's page posts to us is sent without our cookies: they are SameSite=Lax.
 * The browser sends them again with a GET, so such a request is sent once more as one.
 */
#ifndef PRATU_WEB_BOUNCE_H
#define PRATU_WEB_BOUNCE_H

#include "idp/web/web.h"

/* If this is a POST from another origin's page, without a session cookie: answer 303 to the same
 * path with params as its query, and return true. Not where that query would be over-long. */
bool bounce_to_get(struct context *ctx, const struct params *params);

#endif
