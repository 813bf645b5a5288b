/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scopes that exist here and the claims each requests (OIDC Core s5.4; national_id is
 * Pratu's own). One table. Pure.
 */
#ifndef PRATU_OIDC_SCOPE_H
#define PRATU_OIDC_SCOPE_H

#include <stdbool.h>

#define SCOPE_OPENID "openid"
#define SCOPE_OFFLINE "offline_access"
#define SCOPE_NATIONAL_ID "national_id"

/* All scopes, ended by NULL, in the order of scopes_supported. Static storage. */
const char *const *scope_all(void);
bool scope_known(const char *scope);
/* The claims of a scope, ended by NULL; an empty list for openid, offline_access and what is
 * unknown. Static storage. */
const char *const *scope_claims(const char *scope);
/* The scope that holds a claim. claim: the bare name, without a language tag. NULL: no scope
 * does. */
const char *scope_of_claim(const char *claim);

#endif
