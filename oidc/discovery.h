/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The provider's metadata: OpenID Connect Discovery 1.0 s3 and RFC 8414 s2 in one
 * document, which is served at both well-known paths. Every line of it is true of this build; the
 * paths are those of idp/web/routes.c. Pure.
 */
#ifndef PRATU_OIDC_DISCOVERY_H
#define PRATU_OIDC_DISCOVERY_H

#include "idp/base/json.h"

#define DISCOVERY_AUTHORIZE "/authorize"
#define DISCOVERY_TOKEN "/token"
#define DISCOVERY_USERINFO "/userinfo"
#define DISCOVERY_JWKS "/jwks"
#define DISCOVERY_REVOKE "/revoke"
#define DISCOVERY_INTROSPECT "/introspect"
#define DISCOVERY_LOGOUT "/logout"
#define DISCOVERY_DOCUMENTATION "/connect"

/* The metadata object, owned by the caller. issuer: https://host[:port], without a slash at the
 * end. */
json_t *discovery_metadata(const char *issuer);

#endif
