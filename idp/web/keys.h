/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault's public keys, held by the web role to verify access tokens and id_token_hints and to
 * answer /jwks. Each request to the vault reports which of them this process
 * publishes: a key signs only after that (idp/io/jwks_times.h). Thread-safe: readers share one set
 * that a refresh replaces whole.
 */
#ifndef PRATU_WEB_KEYS_H
#define PRATU_WEB_KEYS_H

#include "idp/base/jose.h"
#include "idp/web/web.h"

#define WEB_KEYS_CHANNEL "pratu_key" /* PostgreSQL notifies of each new key (sql/migrate/009) */

/* Holds none, under a new process id. served_s: how long an answer of the vault may be published
 * (JWKS_SERVED_S). Owned by the caller; never NULL. */
struct web_keys *web_keys_new(int64_t served_s);
/* NULL-safe. */
void web_keys_free(struct web_keys *keys);
/* Ask the vault through this worker's connection if what is held is older than 30 s or outdated, or
 * if force and older than 1 s, but not again within 1 s; then again at once, as long as its answers
 * differ, so that it knows what is published. While another worker asks, wait for it 250 ms at
 * most. Keeps the old ones on failure, up to 10 minutes. ERR_VAULT: there are none, or too old. */
MUST_CHECK struct result web_keys_refresh(struct context *ctx, bool force);
/* There are others by now: the next web_keys_refresh asks. */
void web_keys_outdate(struct web_keys *keys);
/* Tell the vault that this process ends and answers /jwks no more. ERR_VAULT. */
MUST_CHECK struct result web_keys_leave(struct context *ctx);
/* Verify a JWS that the vault signed; refreshes once on an unknown kid. typ: the required value in
 * the header ("at+jwt", RFC 9068 s4), or NULL for "JWT" or none. *claims is owned by the caller and
 * set with JOSE_GOOD alone. ERR_VAULT. */
MUST_CHECK struct result web_keys_verify(struct context *ctx, const char *compact, const char *typ,
	enum jose_verdict *verdict, json_t **claims);
/* Is there a JWKS document to answer with? Asks nobody. */
bool web_keys_known(struct web_keys *keys);
/* The JWKS document as text in the arena. Asks nobody: it may be called on an I/O thread.
 * ERR_VAULT: there is none, or the vault has received nothing from this process for so long that
 * keys may sign that are not in it. */
MUST_CHECK struct result web_keys_document(struct context *ctx, const char **json);

#endif
