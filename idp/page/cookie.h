/* SPDX-License-Identifier: Apache-2.0 */
/* Setting cookies: always __Host- (so Secure, Path=/, no Domain), HttpOnly and SameSite=Lax. */
#ifndef PRATU_PAGE_COOKIE_H
#define PRATU_PAGE_COOKIE_H

#include "idp/page/context.h"

#define COOKIE_SESSION (-1) /* until the browser closes */
#define COOKIE_GONE 0 /* take it away */
#define COOKIE_DAY_S 86400

/* Add Set-Cookie to the response. name begins with "__Host-"; value holds letters, digits, '-' and
 * '_' only. max_age_s: seconds, or one of the above. RFC 6265bis s4.1 */
void cookie_set(struct context *ctx, const char *name, const char *value, int64_t max_age_s);
/* The value of a cookie that holds one of our opaque values (43 characters base64url); NULL if it
 * is absent or anything else. */
const char *cookie_opaque(const struct context *ctx, const char *name);

#endif
