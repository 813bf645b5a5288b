/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/vault_ops.h"
#include "idp/base/enc.h"
#include "idp/base/handle.h"
#include "vault_table.h"
#include <string.h>

/* A header may hold bytes that are no UTF-8: then those beyond ASCII are shown as '?'. */
static const char *readable(struct arena *arena, const char *text)
{
	if (!text || str_utf8_valid(text, strlen(text)))
		return text;
	char *const made = arena_strdup(arena, text);
	for (char *p = made; *p != '\0'; p++)
		if ((unsigned char)*p > 0x7f)
			*p = '?';
	return made;
}

static struct result context_of(
	struct context *ctx, const struct vault_context *context, struct vault_call_context *out)
{
	const char *agent = readable(ctx->arena, http_header(ctx->request, "User-Agent"));
	uint8_t *device = NULL;
	size_t len = 0;
	if (context->device_hash)
		TRY(enc_b64url_decode(ctx->arena, context->device_hash, &device, &len));
	*out = (struct vault_call_context){
		.address = ctx->request->address,
		.user_agent = agent ? str_clip(ctx->arena, agent, VAULT_AGENT_MAX) : NULL,
		.device_hash = {device, len},
		.correlation_id = ctx->request->correlation_id,
		.client_id = context->client_id,
		.session_id = context->session_id,
	};
	return OK;
}

/* The vault could not do it: the caller denies. */
static struct result unless_failed(enum vault_outcome outcome)
{
	return outcome == VAULT_FAILED ? FAILED(ERR_VAULT) : OK;
}

struct result vault_password(struct context *ctx, const struct vault_context *context,
	const char *login, const char *password, struct vault_password *out)
{
	struct vault_password_in in = {
		.login = login, .password = password, .transaction = context->transaction};
	struct vault_password_out reply;
	TRY(context_of(ctx, context, &in.context));
	TRY(vault_call_password(ctx->vault, ctx->arena, &in, &reply));
	TRY(unless_failed(reply.outcome));
	*out = (struct vault_password){reply.outcome, reply.wait_s, reply.partial};
	return OK;
}

struct result vault_totp(struct context *ctx, const struct vault_context *context,
	const char *partial, const char *code, struct vault_signed_in *out)
{
	struct vault_factor_in in = {
		.partial = partial, .transaction = context->transaction, .code = code};
	struct vault_factor_out reply;
	TRY(context_of(ctx, context, &in.context));
	TRY(vault_call_factor(ctx->vault, ctx->arena, &in, &reply));
	TRY(unless_failed(reply.outcome));
	if (reply.outcome == VAULT_OK && (reply.amr.n == 0 || reply.auth_time <= 0))
		FAIL(ERR_VAULT);
	*out = (struct vault_signed_in){
		.outcome = reply.outcome,
		.ticket = reply.ticket,
		.authentication_id = reply.authentication_id,
		.citizen_id = reply.subject_id,
		.acr = reply.acr,
		.amr = reply.amr,
		.auth_time_s = reply.auth_time,
	};
	return OK;
}

struct result vault_bind(
	struct context *ctx, const struct vault_bind_request *in, struct vault_bind *out)
{
	const char *const grant_id = handle_uuid(&ctx->rng, ctx->arena, ctx->now_ms);
	const struct vault_bind_in asked = {in->ticket, in->client_id, in->client_version,
		in->scope, grant_id, in->expires_at_s};
	struct vault_bind_out reply;
	TRY(vault_call_bind(ctx->vault, ctx->arena, &asked, &reply));
	TRY(unless_failed(reply.outcome));
	*out = (struct vault_bind){reply.outcome, reply.grant_ticket, reply.sub, grant_id};
	return OK;
}

static struct vault_sign_jobs_item job_of(struct context *ctx, const struct vault_sign_request *in)
{
	return (struct vault_sign_jobs_item){
		.grant_ticket = in->grant_ticket,
		.alg = in->id_token_alg,
		.has_alg = in->id_token != NULL,
		.id_token = in->id_token ? json_text(ctx->arena, in->id_token) : NULL,
		.access_token_alg = in->access_token_alg,
		.has_access_token_alg = in->access_token != NULL,
		.jti = in->access_token ? rng_uuid(&ctx->rng, ctx->arena) : NULL,
		.access_token = in->access_token ? json_text(ctx->arena, in->access_token) : NULL,
	};
}

struct result vault_sign(
	struct context *ctx, const struct vault_sign_request *in, struct vault_sign *out)
{
	const struct vault_sign_jobs_item job = job_of(ctx, in);
	const struct vault_sign_in asked = {.jobs = {&job, 1}};
	struct vault_sign_out reply;
	TRY(vault_call_sign(ctx->vault, ctx->arena, &asked, &reply));
	if (reply.outcome != VAULT_OK || reply.results.n != 1)
		FAIL(ERR_VAULT);
	const struct vault_sign_results_item *const made = &reply.results.items[0];
	TRY(unless_failed(made->outcome));
	const bool complete =
		(!in->id_token || made->id_token) && (!in->access_token || made->access_token);
	if (made->outcome == VAULT_OK && !complete)
		FAIL(ERR_VAULT);
	*out = (struct vault_sign){
		made->outcome, made->id_token, made->access_token, job.jti, made->expires_in};
	return OK;
}

struct result vault_national_id(struct context *ctx, const char *grant_ticket, const char **out)
{
	const struct vault_national_id_in in = {grant_ticket};
	struct vault_national_id_out reply;
	TRY(vault_call_national_id(ctx->vault, ctx->arena, &in, &reply));
	TRY(unless_failed(reply.outcome));
	*out = reply.national_id;
	return OK;
}

static struct result keys_of(const char *jwks, json_t **keys)
{
	AUTO_JSON json_t *value = NULL;
	TRY(json_parse(jwks, strlen(jwks), &value, NULL));
	json_t *found = json_object_get(value, "keys");
	if (!json_is_array(found))
		FAIL(ERR_VAULT);
	*keys = json_incref(found);
	return OK;
}

struct result vault_jwks(struct vault_call *call, json_t **keys)
{
	struct vault_jwks_out reply;
	struct arena *const arena = arena_new();
	struct result done = vault_call_jwks(call, arena, &reply);
	if (done.err == ERR_NONE)
		done = reply.outcome == VAULT_OK ? keys_of(reply.jwks, keys) : FAILED(ERR_VAULT);
	arena_free(arena);
	return done;
}
