/* SPDX-License-Identifier: Apache-2.0 */
/* Proof Key for Code Exchange, RFC 7636, in the one method that is offered: S256. Pure. */
#ifndef PRATU_OIDC_PKCE_H
#define PRATU_OIDC_PKCE_H

#include "idp/base/arena.h"
#include <stdbool.h>

#define PKCE_METHOD "S256" /* code_challenge_method */
#define PKCE_VERIFIER_MIN 43
#define PKCE_VERIFIER_MAX 128

/* 43 to 128 unreserved characters. NULL is not. RFC 7636 s4.1 */
bool pkce_verifier_valid(const char *verifier);
/* The challenge of a verifier, in the arena. RFC 7636 s4.2 */
const char *pkce_challenge(struct arena *arena, const char *verifier);
/* Does the verifier fit the challenge? In constant time. RFC 7636 s4.6 */
bool pkce_fits(struct arena *arena, const char *challenge, const char *verifier);

#endif
