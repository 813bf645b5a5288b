/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/signin_vault.h"
#include "idp/web/device.h"
#include "idp/web/record.h"
#include "vault_table.h"
#include <string.h>

static struct vault_call_context context_of(struct context *ctx, const struct signin_asker *asker)
{
	const struct record_asker request = record_asker(ctx);
	return (struct vault_call_context){
		.address = request.address,
		.user_agent = request.user_agent,
		.device_hash = {device_hash(ctx), SHA256_LEN},
		.correlation_id = request.correlation_id,
		.client_id = asker->client_id,
		.session_id = asker->session_id,
	};
}

static struct result unless_failed(enum vault_outcome outcome)
{
	return outcome == VAULT_FAILED ? FAILED(ERR_VAULT) : OK;
}

struct result signin_vault_password(struct context *ctx, const struct signin_asker *asker,
	const char *login, const char *password, struct signin_password *out)
{
	const struct vault_password_in in = {.login = login,
		.password = password,
		.transaction = asker->transaction,
		.context = context_of(ctx, asker)};
	struct vault_password_out reply;
	TRY(vault_call_password(ctx->vault, ctx->arena, &in, &reply));
	TRY(unless_failed(reply.outcome));
	*out = (struct signin_password){reply.outcome, reply.wait_s, reply.partial};
	return OK;
}

struct result signin_vault_factor(struct context *ctx, const struct signin_asker *asker,
	const struct signin_factor_in *in, struct signin_factor *out)
{
	const struct vault_totp_in asked = {.partial = in->partial,
		.transaction = asker->transaction,
		.code = in->code,
		.context = context_of(ctx, asker)};
	struct vault_totp_out reply;
	TRY(vault_call_totp(ctx->vault, ctx->arena, &asked, &reply));
	TRY(unless_failed(reply.outcome));
	if (reply.outcome == VAULT_OK && (reply.amr.n == 0 || reply.auth_time <= 0))
		FAIL(ERR_VAULT);
	*out = (struct signin_factor){
		.outcome = reply.outcome,
		.ticket = reply.ticket,
		.authentication_id = reply.authentication_id,
		.subject_id = reply.citizen_id,
		.actor_id = reply.citizen_id,
		.acr = reply.acr,
		.amr = reply.amr,
		.auth_time_s = reply.auth_time,
	};
	return OK;
}

struct result signin_vault_bind(struct context *ctx, const char *ticket,
	const struct signin_bind *in, struct signin_bound *out)
{
	const struct vault_bind_in asked = {.ticket = ticket,
		.client_id = in->client_id,
		.scope = in->scope,
		.expires_at = in->expires_at_s};
	struct vault_bind_out reply;
	TRY(vault_call_bind(ctx->vault, ctx->arena, &asked, &reply));
	TRY(unless_failed(reply.outcome));
	*out = (struct signin_bound){reply.outcome == VAULT_OK, reply.grant_ticket, reply.sub};
	return OK;
}

struct result signin_vault_seal_keys(
	struct context *ctx, struct seal_key items[static SEAL_KEYS_MAX], size_t *n)
{
	struct vault_seal_keys_out reply;
	TRY(vault_call_seal_keys(ctx->vault, ctx->arena, &reply));
	if (reply.outcome != VAULT_OK || !reply.keys.n || reply.keys.n > SEAL_KEYS_MAX)
		FAIL(ERR_VAULT);
	for (size_t i = 0; i < reply.keys.n; i++) {
		items[i].epoch = reply.keys.items[i].epoch;
		memcpy(items[i].key, reply.keys.items[i].key.data, KEY_LEN);
	}
	*n = reply.keys.n;
	return OK;
}
