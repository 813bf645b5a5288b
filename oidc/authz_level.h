/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Levels of assurance as an agency asks for them (DESIGN.md, Levels): acr_values is a wish (OIDC
 * Core s3.1.2.1), an essential acr must be met (s5.5.1.1). Pure.
 */
#ifndef PRATU_OIDC_AUTHZ_LEVEL_H
#define PRATU_OIDC_AUTHZ_LEVEL_H

#include "oidc/authz_request.h"

/* Those that a sign-in of today can earn, space-separated. Static storage. */
#define AUTHZ_LEVELS "urn:pratu:loa:1 urn:pratu:loa:2"

/* The values of an essential acr; NULL: none is asked for. */
const struct str_list *authz_level_essential(const struct authz_request *request);
/* Can a sign-in of today earn any of these? */
bool authz_level_any_attainable(const struct str_list *values);
/* Is a session of that acr short of an essential acr? */
bool authz_level_unmet(const struct authz_request *request, const char *acr);
/* Is it below all that is wished for, where a sign-in can earn more? */
bool authz_level_wished(const struct authz_request *request, const char *acr);
/* Would a sign-in of that acr answer the request? has: of the session that is to step up; NULL:
 * none. Without an essential acr any will do, but to step up: that wants a higher one. */
bool authz_level_answers(const struct authz_request *request, const char *has, const char *acr);

#endif
