/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/signin_vault.h"
#include "idp/base/enc.h"
#include "idp/web/device.h"
#include "idp/web/vault_ops.h"
#include <string.h>

static enum signin_outcome outcome_of(enum vault_outcome outcome)
{
	static const enum signin_outcome outcomes[] = {
		[VAULT_OK] = SIGNIN_OK,
		[VAULT_REFUSED] = SIGNIN_REFUSED,
		[VAULT_WAIT] = SIGNIN_WAIT,
		[VAULT_BLOCKED] = SIGNIN_BLOCKED,
		[VAULT_EXPIRED] = SIGNIN_EXPIRED,
	};
	return outcomes[outcome];
}

static struct vault_context context_of(struct context *ctx, const struct signin_asker *asker)
{
	return (struct vault_context){
		.client_id = asker->client_id,
		.session_id = asker->session_id,
		.transaction = asker->transaction,
		.device_hash = enc_b64url(ctx->arena, device_hash(ctx), SHA256_LEN),
	};
}

struct result signin_vault_password(struct context *ctx, const struct signin_asker *asker,
	const char *login, const char *password, struct signin_password *out)
{
	const struct vault_context context = context_of(ctx, asker);
	struct vault_password checked = {0};
	TRY(vault_password(ctx, &context, login, password, &checked));
	*out = (struct signin_password){
		outcome_of(checked.outcome), checked.wait_s, checked.partial};
	return OK;
}

struct result signin_vault_factor(struct context *ctx, const struct signin_asker *asker,
	const struct signin_factor_in *in, struct signin_factor *out)
{
	const struct vault_context context = context_of(ctx, asker);
	struct vault_sign_in checked = {0};
	TRY(vault_totp(ctx, &context, in->partial, in->code, &checked));
	*out = (struct signin_factor){
		.outcome = outcome_of(checked.outcome),
		.ticket = checked.ticket,
		.authentication_id = checked.authentication_id,
		.subject_id = checked.citizen_id,
		.actor_id = checked.citizen_id,
		.acr = checked.acr,
		.amr = checked.amr,
		.auth_time_s = checked.auth_time_s,
	};
	return OK;
}

struct result signin_vault_bind(struct context *ctx, const char *ticket,
	const struct signin_bind *in, struct signin_bound *out)
{
	const struct vault_bind_request request = {.ticket = ticket,
		.client_id = in->client_id,
		.scope = in->scope,
		.expires_at_s = in->expires_at_s};
	struct vault_bind bound = {0};
	TRY(vault_bind(ctx, &request, &bound));
	*out = (struct signin_bound){
		bound.outcome == VAULT_OK, bound.grant_ticket, bound.sub};
	return OK;
}

static struct result read_key(struct arena *arena, const json_t *item, struct seal_key *out)
{
	const char *text = json_str(item, "key");
	uint8_t *key = NULL;
	size_t len = 0;
	if (!text || enc_b64url_decode(arena, text, &key, &len).err != ERR_NONE || len != KEY_LEN)
		FAIL(ERR_VAULT);
	out->epoch = json_int(item, "epoch", -1);
	memcpy(out->key, key, KEY_LEN);
	return OK;
}

struct result signin_vault_seal_keys(
	struct context *ctx, struct seal_key items[static SEAL_KEYS_MAX], size_t *n)
{
	AUTO_JSON json_t *request = json_pack("{s:s}", "op", "seal_keys");
	AUTO_JSON json_t *reply = NULL;
	TRY(vault_call(ctx->vault, request, &reply));
	const json_t *keys = json_arr(reply, "keys");
	*n = json_array_size(keys);
	if (!str_eq(json_str(reply, "outcome"), "ok") || *n == 0 || *n > SEAL_KEYS_MAX)
		FAIL(ERR_VAULT);
	for (size_t i = 0; i < *n; i++)
		TRY(read_key(ctx->arena, json_array_get(keys, i), &items[i]));
	return OK;
}
