/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/signin_vault.h"
#include "idp/web/device.h"
#include "idp/web/record.h"
#include "idp/web/sign_batch.h"
#include "idp/web/web.h"
#include "vault_table.h"
#include <string.h>

#define WAYS_MAX 16 /* as in idp/io/vault_ops.table */

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
	struct signin_way *const ways = ARENA_ARRAY(ctx->arena, struct signin_way, WAYS_MAX);
	for (size_t i = 0; i < reply.factors.n; i++) {
		const struct vault_password_factors_item *const item = &reply.factors.items[i];
		ways[i] = (struct signin_way){item->kind, item->acr, item->hint, item->sent};
	}
	*out = (struct signin_password){
		reply.outcome, reply.wait_s, reply.partial, ways, reply.factors.n};
	return OK;
}

struct result signin_vault_step_up(struct context *ctx, const struct signin_asker *asker,
	const char *ticket, struct signin_password *out)
{
	const struct vault_step_up_in in = {.ticket = ticket,
		.transaction = asker->transaction,
		.context = context_of(ctx, asker)};
	struct vault_step_up_out reply;
	TRY(vault_call_step_up(ctx->vault, ctx->arena, &in, &reply));
	TRY(unless_failed(reply.outcome));
	struct signin_way *const ways = ARENA_ARRAY(ctx->arena, struct signin_way, WAYS_MAX);
	for (size_t i = 0; i < reply.factors.n; i++) {
		const struct vault_step_up_factors_item *const item = &reply.factors.items[i];
		ways[i] = (struct signin_way){item->kind, item->acr, item->hint, item->sent};
	}
	*out = (struct signin_password){reply.outcome, 0, reply.partial, ways, reply.factors.n};
	return OK;
}

struct result signin_vault_challenge(struct context *ctx, const struct signin_asker *asker,
	const struct signin_send *in, struct signin_sent *out)
{
	const struct vault_challenge_in asked = {.partial = in->partial,
		.transaction = asker->transaction,
		.kind = in->kind,
		.language = in->thai ? "th" : "en",
		.context = context_of(ctx, asker)};
	struct vault_challenge_out reply;
	TRY(vault_call_challenge(ctx->vault, ctx->arena, &asked, &reply));
	TRY(unless_failed(reply.outcome));
	*out = (struct signin_sent){reply.outcome, reply.wait_s,
		reply.outcome == VAULT_BLOCKED ? reply.reason_blocked : reply.reason};
	return OK;
}

struct result signin_vault_delivery(struct context *ctx, const char *transaction,
	const struct signin_send *in, struct signin_delivery *out)
{
	const struct vault_delivery_in asked = {in->partial, transaction, in->kind};
	struct vault_delivery_out reply;
	TRY(vault_call_delivery(ctx->vault, ctx->arena, &asked, &reply));
	TRY(unless_failed(reply.outcome));
	*out = (struct signin_delivery){
		reply.outcome, reply.state, reply.resend_at, reply.tries_left > 0};
	return OK;
}

struct result signin_vault_factor(struct context *ctx, const struct signin_asker *asker,
	const struct signin_factor_in *in, struct signin_factor *out)
{
	const struct signin_bind *const bind = &in->bind;
	const bool binds = bind->client_id != NULL;
	const struct vault_factor_in asked = {.partial = in->partial,
		.transaction = asker->transaction,
		.code = in->code,
		.kind = in->kind,
		.new_device_hash = {in->new_device_hash, in->new_device_hash ? SHA256_LEN : 0},
		.client_id = bind->client_id,
		.client_version = bind->client_version,
		.has_client_version = binds,
		.scope = binds ? bind->scope : NULL,
		.grant_id = binds ? bind->grant_id : NULL,
		.grant_expires_at = bind->expires_at_s,
		.has_grant_expires_at = binds,
		.context = context_of(ctx, asker)};
	struct vault_factor_out reply;
	TRY(vault_call_factor(ctx->vault, ctx->arena, &asked, &reply));
	TRY(unless_failed(reply.outcome));
	if (reply.outcome == VAULT_OK && (reply.amr.n == 0 || reply.auth_time <= 0))
		FAIL(ERR_VAULT);
	*out = (struct signin_factor){
		.outcome = reply.outcome,
		.wait_s = reply.wait_s,
		.ticket = reply.ticket,
		.authentication_id = reply.authentication_id,
		.subject_id = reply.subject_id,
		.actor_id = reply.actor_id,
		.acr = reply.acr,
		.amr = reply.amr,
		.auth_time_s = reply.auth_time,
		.stopped = reply.stopped,
		.grant_ticket = reply.grant_ticket,
		.sub = reply.sub,
	};
	return OK;
}

struct result signin_vault_bind(struct context *ctx, const char *ticket,
	const struct signin_bind *in, struct signin_bound *out)
{
	const struct vault_bind_jobs_item asked = {.ticket = ticket,
		.client_id = in->client_id,
		.client_version = in->client_version,
		.scope = in->scope,
		.grant_id = in->grant_id,
		.expires_at = in->expires_at_s};
	struct vault_bind_results_item reply;
	TRY(sign_batch_bind(web_of(ctx)->bind, ctx, &asked, &reply));
	TRY(unless_failed(reply.outcome));
	if (reply.outcome == VAULT_OK && (!reply.grant_ticket || !reply.sub))
		FAIL(ERR_VAULT);
	*out = (struct signin_bound){reply.outcome, reply.grant_ticket, reply.sub};
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
