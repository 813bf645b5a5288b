/* SPDX-License-Identifier: Apache-2.0 */
/* The table of routes: every path that the web role answers is one row in routes.c. */
#ifndef PRATU_WEB_ROUTES_H
#define PRATU_WEB_ROUTES_H

#include "idp/web/web.h"

/* The row of path, byte for byte; NULL if there is none. */
const struct web_route *routes_find(const char *path);

#endif
