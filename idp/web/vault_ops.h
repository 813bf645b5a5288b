/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault's operations as the web role asks them, over the functions that are generated from
 * idp/io/vault_ops.table. VAULT_FAILED never comes back from here: it is ERR_VAULT.
 */
#ifndef PRATU_WEB_VAULT_OPS_H
#define PRATU_WEB_VAULT_OPS_H

#include "idp/base/jose.h"
#include "idp/base/str.h"
#include "idp/io/vault_codec.h"
#include "idp/web/web.h"

/* Who asks, for the record. The rest of the context comes from ctx->request and the device cookie.
 */
struct vault_context {
	const char *client_id; /* NULL at "/" */
	const char *session_id; /* that the session will have */
	const char *transaction; /* base64url of the transaction's handle hash */
	const char *device_hash; /* base64url */
};

struct vault_password {
	enum vault_outcome outcome;
	int64_t wait_s;
	const char *partial;
};
MUST_CHECK struct result vault_password(struct context *ctx, const struct vault_context *context,
	const char *login, const char *password, struct vault_password *out);

struct vault_signed_in {
	enum vault_outcome outcome;
	const char *ticket, *authentication_id, *citizen_id, *acr;
	struct str_list amr;
	int64_t auth_time_s;
};
MUST_CHECK struct result vault_totp(struct context *ctx, const struct vault_context *context,
	const char *partial, const char *code, struct vault_signed_in *out);

struct vault_bind_request {
	const char *ticket, *client_id, *scope;
	int64_t expires_at_s;
};
struct vault_bind {
	enum vault_outcome outcome;
	const char *grant_ticket, *sub, *grant_id;
};
MUST_CHECK struct result vault_bind(
	struct context *ctx, const struct vault_bind_request *in, struct vault_bind *out);

/* *out NULL: refused. */
MUST_CHECK struct result vault_national_id(
	struct context *ctx, const char *grant_ticket, const char **out);

#endif
