/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault's operations that a sign-in needs, in the shapes in which the sign-in uses them. What
 * every operation is sent about the request (address, browser, correlation id) is added here. A
 * vault that could not do it (VAULT_FAILED) is ERR_VAULT: the caller denies.
 */
#ifndef PRATU_WEB_SIGNIN_VAULT_H
#define PRATU_WEB_SIGNIN_VAULT_H

#include "idp/base/str.h"
#include "idp/io/vault_codec.h"
#include "idp/web/seal_keys.h"

/* The sender of the request, for the audit log and for what the ticket is bound to. */
struct signin_asker {
	const char *client_id; /* NULL at "/" */
	const char *session_id; /* that the session will have */
	const char *transaction; /* its id */
};

/* A second factor that the citizen has. */
struct signin_way {
	const char *kind, *acr; /* acr: that it earns */
	const char *hint; /* whereto its codes are sent, so far as it may be shown; "": not sent */
	bool sent; /* its codes are sent */
};

struct signin_password {
	enum vault_outcome outcome; /* OK, REFUSED or WAIT */
	int64_t wait_s; /* of VAULT_WAIT */
	/* Of VAULT_OK, in the arena: */
	const char *partial; /* proves the first step to the second */
	const struct signin_way *ways; /* the last used first */
	size_t n_ways;
};
/* Check a login name and password, whole, as they were typed. ERR_VAULT. */
MUST_CHECK struct result signin_vault_password(struct context *ctx,
	const struct signin_asker *asker, const char *login, const char *password,
	struct signin_password *out);

/* The same, where the ticket of a session stands in place of the password. VAULT_REFUSED: it proves
 * nothing any more. ERR_VAULT. */
MUST_CHECK struct result signin_vault_step_up(struct context *ctx, const struct signin_asker *asker,
	const char *ticket, struct signin_password *out);

struct signin_sent {
	enum vault_outcome outcome; /* OK, WAIT, BLOCKED, REFUSED or EXPIRED: vault_ops.table */
	int64_t wait_s; /* of VAULT_WAIT */
	const char *reason; /* of VAULT_WAIT and VAULT_BLOCKED */
};
struct signin_send {
	const char *partial, *kind;
	bool thai; /* its language; or English */
};
/* Send a code for a kind of factor. ERR_VAULT. */
MUST_CHECK struct result signin_vault_challenge(struct context *ctx,
	const struct signin_asker *asker, const struct signin_send *in, struct signin_sent *out);

struct signin_delivery {
	enum vault_outcome outcome; /* OK; REFUSED: none was sent; EXPIRED */
	const char *state; /* "waiting", "handed_over", "delivered", "failed", "unknown" */
	int64_t resend_at; /* unix seconds */
	bool live; /* the code can still be used */
};
/* What is known of the code that was sent last. transaction: its id. ERR_VAULT. */
MUST_CHECK struct result signin_vault_delivery(struct context *ctx, const char *transaction,
	const struct signin_send *in, struct signin_delivery *out);

/* A grant that the vault is to bind to the sign-in in the same call, or later by its ticket. */
struct signin_bind {
	const char *client_id; /* NULL: none */
	int64_t client_version;
	const char *scope; /* space-separated */
	const char *grant_id;
	int64_t expires_at_s; /* unix seconds */
};

struct signin_factor_in {
	const char *partial, *code;
	const char *kind; /* that the code is for; NULL: each but those whose code is sent */
	const uint8_t *new_device_hash; /* SHA256_LEN bytes: how the device is known from here on */
	struct signin_bind bind;
};

struct signin_factor {
	enum vault_outcome outcome; /* VAULT_EXPIRED: the first step was too long ago, or is spent;
				       VAULT_BLOCKED: until the factor is registered again;
				       VAULT_CHANGED: the code that was sent is of no more use */
	int64_t wait_s; /* of VAULT_WAIT; the rest of VAULT_OK, in the arena */
	const char *ticket, *authentication_id, *subject_id, *actor_id, *acr;
	struct str_list amr;
	int64_t auth_time_s;
	int64_t stopped; /* wrong codes of others since the last sign-in */
	const char *grant_ticket, *sub; /* of the bind that was asked for; NULL: none was made */
};
/* Check the second factor. ERR_VAULT. */
MUST_CHECK struct result signin_vault_factor(struct context *ctx, const struct signin_asker *asker,
	const struct signin_factor_in *in, struct signin_factor *out);

struct signin_bound {
	enum vault_outcome outcome; /* VAULT_REFUSED: the vault does not know the ticket, or the
				       citizen is locked; VAULT_CHANGED: the client has another
				       version, or is disabled */
	const char *grant_ticket, *sub; /* of VAULT_OK, in the arena */
};
/* Bind a session's ticket to one grant. ERR_VAULT. */
MUST_CHECK struct result signin_vault_bind(struct context *ctx, const char *ticket,
	const struct signin_bind *in, struct signin_bound *out);

/* The keys of the previous, the current and the next epoch; *n of them. The caller wipes items.
 * ERR_VAULT. */
MUST_CHECK struct result signin_vault_seal_keys(
	struct context *ctx, struct seal_key items[static SEAL_KEYS_MAX], size_t *n);

#endif
