/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/vault_ops.h"
#include "idp/base/enc.h"
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
	struct vault_totp_in in = {
		.partial = partial, .transaction = context->transaction, .code = code};
	struct vault_totp_out reply;
	TRY(context_of(ctx, context, &in.context));
	TRY(vault_call_totp(ctx->vault, ctx->arena, &in, &reply));
	TRY(unless_failed(reply.outcome));
	if (reply.outcome == VAULT_OK && (reply.amr.n == 0 || reply.auth_time <= 0))
		FAIL(ERR_VAULT);
	*out = (struct vault_signed_in){
		.outcome = reply.outcome,
		.ticket = reply.ticket,
		.authentication_id = reply.authentication_id,
		.citizen_id = reply.citizen_id,
		.acr = reply.acr,
		.amr = reply.amr,
		.auth_time_s = reply.auth_time,
	};
	return OK;
}

struct result vault_bind(
	struct context *ctx, const struct vault_bind_request *in, struct vault_bind *out)
{
	const struct vault_bind_in asked = {in->ticket, in->client_id, in->scope, in->expires_at_s};
	struct vault_bind_out reply;
	TRY(vault_call_bind(ctx->vault, ctx->arena, &asked, &reply));
	TRY(unless_failed(reply.outcome));
	*out = (struct vault_bind){reply.outcome, reply.grant_ticket, reply.sub, reply.grant_id};
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
