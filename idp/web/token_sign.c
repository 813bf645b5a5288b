/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/token_sign.h"
#include "idp/web/sign_batch.h"
#include "idp/web/web.h"
#include "oidc/scope.h"

static bool has_openid(struct context *ctx, const char *scope)
{
	const struct str_list scopes = str_split(ctx->arena, scope, ' ');
	return str_list_has(&scopes, SCOPE_OPENID);
}

/* What claims.id_token asked for (OpenID Connect Core s5.5); the vault adds the sign-in's. */
static struct result id_token_text(struct context *ctx, const struct client *client,
	const struct token_granted *granted, const char **out)
{
	struct token_claims_source source = granted->source;
	source.client = client;
	AUTO_JSON json_t *claims = json_object();
	json_put(claims, "nonce", granted->nonce);
	TRY(token_claims_put(ctx, CLAIMS_ID_TOKEN, granted->scope, &source, claims));
	*out = json_text(ctx->arena, claims);
	return OK;
}

static const char *access_token_text(struct context *ctx, const struct token_granted *granted)
{
	AUTO_JSON json_t *claims = json_object();
	json_put(claims, "scope", granted->scope);
	return json_text(ctx->arena, claims);
}

static struct result sign(struct context *ctx, const struct vault_sign_jobs_item *job,
	struct token_signed *out, bool *refused)
{
	struct vault_sign_results_item made;
	TRY(sign_batch_run(web_of(ctx)->sign, ctx, job, &made));
	*refused = made.outcome == VAULT_REFUSED;
	if (*refused)
		return OK;
	if (made.outcome != VAULT_OK || !made.access_token || (job->has_alg && !made.id_token))
		FAIL(ERR_VAULT);
	*out = (struct token_signed){made.access_token, made.id_token, made.expires_in};
	return OK;
}

struct result token_sign(struct context *ctx, const struct token_exchange *exchange,
	const struct token_granted *granted, struct token_signed *out, bool *refused)
{
	const struct client *client = exchange->check.registered->client;
	struct vault_sign_jobs_item job = {
		.grant_ticket = granted->source.ticket,
		.access_token_alg = client->access_token_alg,
		.has_access_token_alg = true,
		.access_token = access_token_text(ctx, granted),
		.jti = exchange->jti,
	};
	if (has_openid(ctx, granted->scope)) {
		job.alg = client->id_token_alg;
		job.has_alg = true;
		TRY(id_token_text(ctx, client, granted, &job.id_token));
	}
	return sign(ctx, &job, out, refused);
}
