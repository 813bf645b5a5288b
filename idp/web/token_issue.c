/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/token_issue.h"
#include "idp/page/answer.h"
#include "idp/web/record.h"
#include "idp/web/vault_ops.h"
#include "oidc/claims.h"
#include "queries_web.h"
#include <string.h>

/* What was made and still must be committed. */
struct made {
	struct vault_sign signed_tokens;
	const char *refresh_token; /* NULL: none is new */
};

static struct result parse_text(const char *text, json_t **out)
{
	return text ? json_parse(text, strlen(text), out, NULL) : OK;
}

/* The claims that claims.id_token asked for (OpenID Connect Core s5.5). */
static struct result put_id_claims(struct context *ctx, const struct token_issue *in, json_t *out)
{
	AUTO_JSON json_t *asked = NULL;
	AUTO_JSON json_t *stored = NULL;
	const char *fault;
	struct claims_grant grant = {.scope = str_split(ctx->arena, in->decision->scope, ' ')};
	TRY(parse_text(in->load->grant_claims, &asked));
	TRY(parse_text(in->load->citizen_claims, &stored));
	if (!claims_from_json(ctx->arena, asked, &grant.request, &fault))
		FAIL(ERR_FORMAT);
	struct claims_source source = {
		.stored = stored, .updated_at_s = in->load->citizen_updated_at_s};
	if (claims_has_national_id(&grant, CLAIMS_ID_TOKEN))
		TRY(vault_national_id(ctx, in->load->ticket, &source.national_id));
	claims_put(out, CLAIMS_ID_TOKEN, &grant, &source);
	return OK;
}

static struct result sign(struct context *ctx, const struct token_issue *in, struct vault_sign *out)
{
	AUTO_JSON json_t *id_token = json_object();
	AUTO_JSON json_t *access_token = json_object();
	json_put(access_token, "scope", in->decision->scope);
	/* OpenID Connect Core s12.2: the ID token of a refresh has no need of a nonce. */
	if (in->request->grant == TOKEN_GRANT_CODE)
		json_put(id_token, "nonce", in->load->nonce);
	if (in->decision->id_token)
		TRY(put_id_claims(ctx, in, id_token));
	struct vault_sign_request request = {
		.grant_ticket = in->load->ticket,
		.id_token = in->decision->id_token ? id_token : NULL,
		.id_token_alg = in->client->id_token_alg,
		.access_token = access_token,
		.access_token_alg = in->client->access_token_alg,
	};
	return vault_sign(ctx, &request, out);
}

static const char *detail_text(
	struct context *ctx, const struct token_issue *in, const struct made *made)
{
	AUTO_JSON json_t *detail = json_object();
	json_put(detail, "grant_id", in->load->grant_id);
	json_put(detail, "jti", made->signed_tokens.jti);
	json_put(detail, "scope", in->decision->scope);
	json_put_flag(detail, "id_token", in->decision->id_token);
	json_put_flag(detail, "refresh_token", made->refresh_token != NULL);
	return json_text(ctx->arena, detail);
}

static const struct query *commit_query(const struct token_issue *in)
{
	if (in->request->grant == TOKEN_GRANT_CODE)
		return &q_web_token_redeem;
	return in->decision->new_refresh_token ? &q_web_token_rotate : &q_web_token_renew;
}

static int64_t refresh_expires_at_s(struct context *ctx, const struct token_issue *in)
{
	int64_t by_setting = ctx->now_s + ctx->settings->refresh_token_ttl_s;
	int64_t by_grant = in->load->facts.grant.expires_at_s;
	return by_setting < by_grant ? by_setting : by_grant;
}

/* *late: somebody was faster, or the grant has ended meanwhile. */
static struct result commit(
	struct context *ctx, const struct token_issue *in, const struct made *made, bool *late)
{
	const struct token_load *load = in->load;
	AUTO_ROWS struct rows *rows = NULL;
	struct db_args args = db_args(ctx->arena);
	db_bytes(&args, load->hash, SHA256_LEN);
	db_text(&args, load->created_at);
	db_text(&args, load->grant_id);
	db_text(&args, load->grant_created_at);
	db_bytes(&args,
		made->refresh_token ? crypto_sha256_text(ctx->arena, made->refresh_token) : NULL,
		SHA256_LEN);
	db_int(&args, refresh_expires_at_s(ctx, in));
	db_text(&args, in->client->client_id);
	db_text(&args, load->citizen_id);
	db_text(&args, load->session_id);
	db_text(&args, load->authentication_id);
	db_text(&args, load->acr);
	db_text(&args, load->amr);
	db_text(&args, detail_text(ctx, in, made));
	record_context(ctx, &args);
	TRY(db_query(ctx->db, commit_query(in), &args, &rows));
	*late = rows_n(rows) != 1;
	return OK;
}

/* RFC 6749 s5.1, OpenID Connect Core s3.1.3.3 */
static void answer(struct context *ctx, const struct token_issue *in, const struct made *made)
{
	AUTO_JSON json_t *body = json_object();
	json_put(body, "access_token", made->signed_tokens.access_token);
	json_put(body, "token_type", "Bearer");
	json_put_int(body, "expires_in", made->signed_tokens.expires_in_s);
	json_put(body, "scope", in->decision->scope);
	if (in->decision->id_token)
		json_put(body, "id_token", made->signed_tokens.id_token);
	json_put(body, "refresh_token", made->refresh_token);
	answer_json(ctx, 200, body);
}

struct result token_issue(
	struct context *ctx, const struct token_issue *in, enum token_issue_outcome *outcome)
{
	struct made made = {0};
	bool late = false;
	TRY(sign(ctx, in, &made.signed_tokens));
	if (made.signed_tokens.outcome != VAULT_OK) {
		*outcome = TOKEN_ISSUE_REFUSED;
		return OK;
	}
	if (in->decision->new_refresh_token)
		made.refresh_token = rng_opaque(&ctx->rng, ctx->arena);
	TRY(commit(ctx, in, &made, &late));
	*outcome = late ? TOKEN_ISSUE_LATE : TOKEN_ISSUE_DONE;
	if (!late)
		answer(ctx, in, &made);
	return OK;
}
