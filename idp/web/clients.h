/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registered clients, held in memory by the web role: parsed once, dropped when PostgreSQL notifies
 * of a change (channel CLIENTS_CHANNEL) and after CLIENTS_AGE_S at the latest. What is held may be
 * a moment old: a statement that commits on a client's word compares its version, and when that
 * does not fit any more, clients_forget and clients_find bring the present one.
 */
#ifndef PRATU_WEB_CLIENTS_H
#define PRATU_WEB_CLIENTS_H

#include "idp/page/context.h"
#include "oidc/client.h"

#define CLIENTS_CHANNEL "pratu_client" /* the payload is the client_id */
#define CLIENTS_AGE_S 60
#define CLIENTS_HELD_MAX 4 /* that one request may find */

struct clients;
struct clients_entry;

struct registered {
	const struct client *client; /* never NULL */
	int64_t version; /* grows with each change */
	struct bytes secret_hash; /* SHA-256 of client_secret; data NULL: it has none */
	struct bytes former_hash; /* of the one before it; data NULL: there is none */
	int64_t former_until_s; /* unix seconds until which it is taken, too */
};

/* What one request holds, in struct web. */
struct clients_held {
	struct clients_entry *items[CLIENTS_HELD_MAX];
	size_t n;
};

/* Owned by the caller; never NULL. */
struct clients *clients_new(void);
/* No request may hold one. NULL-safe. */
void clients_free(struct clients *clients);

/* The registered client of that id, in force until the request ends. *out NULL: there is none, or
 * it is disabled; client_id may be NULL. ERR_DB; ERR_FORMAT if what is stored does not parse. */
MUST_CHECK struct result clients_find(
	struct context *ctx, const char *client_id, const struct registered **out);
/* Hold a client as if it had just been loaded. metadata: JSON text. For tests without a database.
 * ERR_FORMAT. */
MUST_CHECK struct result clients_put(
	struct clients *clients, const char *client_id, const char *metadata, int64_t version);
/* Hold that client no longer; client_id NULL: any. Requests that have it keep it. NULL-safe. */
void clients_forget(struct clients *clients, const char *client_id);
/* The request ends. */
void clients_release(struct clients_held *held);

#endif
