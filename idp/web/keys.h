/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault's public keys, held by the web role to verify access tokens and id_token_hints and to
 * answer /jwks. Thread-safe: readers share one set that a refresh replaces whole.
 */
#ifndef PRATU_WEB_KEYS_H
#define PRATU_WEB_KEYS_H

#include "idp/web/vault_ops.h"

struct web_keys *web_keys_new(void);
void web_keys_free(struct web_keys *keys);
/* Ask the vault through this worker's connection if older than 30 s, or if force and older than
 * 1 s, but not again within 1 s. While another worker asks, wait for it 250 ms at most. Keeps the
 * old ones on failure, up to 10 minutes. ERR_VAULT: there are none, or too old. */
MUST_CHECK struct result web_keys_refresh(struct context *ctx, bool force);
/* Verify a JWS that the vault signed; refreshes once on an unknown kid. typ: what the header must
 * say ("at+jwt", RFC 9068 s4), or NULL for "JWT" or nothing. *claims is owned by the caller and set
 * with JOSE_GOOD alone. ERR_VAULT. */
MUST_CHECK struct result web_keys_verify(struct context *ctx, const char *compact, const char *typ,
	enum jose_verdict *verdict, json_t **claims);
/* The JWKS document as text in the arena. Asks nobody: it may be called on an I/O thread.
 * ERR_VAULT. */
MUST_CHECK struct result web_keys_document(struct context *ctx, const char **json);

#endif
