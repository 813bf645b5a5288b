/* SPDX-License-Identifier: Apache-2.0 */
/* The web role's site: every path that it answers is one row in routes.c. */
#ifndef PRATU_WEB_ROUTES_H
#define PRATU_WEB_ROUTES_H

#include "idp/page/site.h"

extern const struct site web_site;

#endif
