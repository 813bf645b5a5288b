/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/page/answer.h"
#include "idp/web/keys.h"
#include "idp/web/record.h"
#include "oidc/access_token.h"
#include "oidc/claims.h"
#include "oidc/scope.h"
#include "oidc/token_decide.h"
#include "queries_web.h"
#include <string.h>

static struct result refuse(struct context *ctx, enum error_code code, const char *text)
{
	struct error error = error_make(ctx->arena, code, "%s", text);
	answer_challenge(ctx, &error);
	return OK;
}

/* RFC 6750 s3.1: a request without a token, or with another scheme, gets the challenge, and no
 * error code. */
static struct result ask_for_token(struct context *ctx)
{
	struct error error = error_make(ctx->arena, ERROR_NONE,
		"expected Authorization: Bearer and an access token, came no such header");
	answer_challenge(ctx, &error);
	ctx->response->status = 401;
	return OK;
}

static const char *detail_text(struct context *ctx, const struct access_token *token)
{
	AUTO_JSON json_t *detail = json_object();
	json_put(detail, "grant_id", token->grant_id);
	json_put(detail, "jti", token->jti);
	json_put(detail, "scope", token->scope);
	return json_text(ctx->arena, detail);
}

static struct result load(struct context *ctx, const struct access_token *token, struct rows **rows)
{
	struct db_args args = db_args(ctx->arena);
	db_text(&args, token->grant_id);
	db_int(&args, token->iat_s);
	db_int(&args, ctx->settings->session_idle_s);
	db_int(&args, ctx->settings->session_absolute_s);
	db_text(&args, token->client_id);
	db_text(&args, detail_text(ctx, token));
	record_context(ctx, &args);
	return db_query(ctx->db, &q_web_userinfo, &args, rows);
}

static const char *why_dead(const struct rows *rows, int64_t now_s)
{
	struct token_grant_facts grant = {
		.expires_at_s = rows_int(rows, 0, "grant_expires_at_s", 0),
		.revoked = rows_bool(rows, 0, "revoked"),
		.offline = rows_bool(rows, 0, "offline"),
		.session_lives = rows_bool(rows, 0, "session_lives"),
		.citizen_locked = rows_bool(rows, 0, "locked"),
	};
	return token_decide_grant_dead(&grant, now_s);
}

static struct result refuse_dead(struct context *ctx, const struct access_token *token,
	const struct rows *rows, const char *reason)
{
	AUTO_JSON json_t *detail = json_object();
	json_put(detail, "grant_id", token->grant_id);
	struct record_event event = {.kind = "userinfo",
		.outcome = "refused",
		.reason = reason,
		.client_id = token->client_id,
		.citizen_id = rows_n(rows) ? rows_text(rows, 0, "citizen_id") : NULL,
		.detail = detail};
	TRY(record_write(ctx, &event));
	return refuse(ctx, ERROR_INVALID_TOKEN,
		"expected an access token whose authorization still stands; this one has ended by "
		"revocation, sign-out or time");
}

static struct result parse_text(const char *text, json_t **out)
{
	return text ? json_parse(text, strlen(text), out, NULL) : OK;
}

/* What this token may show: its own scope, which a refresh can have narrowed, within what is
 * granted. */
static struct str_list scope_of(
	struct context *ctx, const struct access_token *token, const struct rows *rows)
{
	struct str_list granted = str_split(ctx->arena, rows_text(rows, 0, "grant_scope"), ' ');
	struct str_list scope = str_split(ctx->arena, token->scope, ' ');
	size_t n = 0;
	for (size_t i = 0; i < scope.n; i++)
		if (str_list_has(&granted, scope.items[i]))
			scope.items[n++] = scope.items[i];
	scope.n = n;
	return scope;
}

/* OpenID Connect Core s5.3.2 */
static struct result answer(
	struct context *ctx, const struct access_token *token, const struct rows *rows)
{
	AUTO_JSON json_t *asked = NULL;
	AUTO_JSON json_t *stored = NULL;
	AUTO_JSON json_t *body = json_object();
	const char *fault;
	struct claims_grant grant = {.scope = scope_of(ctx, token, rows)};
	TRY(parse_text(rows_text(rows, 0, "grant_claims"), &asked));
	TRY(parse_text(rows_text(rows, 0, "citizen_claims"), &stored));
	if (!claims_from_json(ctx->arena, asked, &grant.request, &fault))
		FAIL(ERR_FORMAT);
	struct claims_source source = {
		.stored = stored, .updated_at_s = rows_int(rows, 0, "citizen_updated_at_s", 0)};
	if (claims_has_national_id(&grant, CLAIMS_USERINFO))
		TRY(vault_national_id(ctx, rows_text(rows, 0, "ticket"), &source.national_id));
	json_put(body, "sub", rows_text(rows, 0, "sub"));
	claims_put(body, CLAIMS_USERINFO, &grant, &source);
	answer_json(ctx, 200, body);
	return OK;
}

static struct result disclose(struct context *ctx, const struct access_token *token)
{
	AUTO_ROWS struct rows *rows = NULL;
	TRY(load(ctx, token, &rows));
	const char *dead = rows_n(rows) == 1 ? why_dead(rows, ctx->now_s) : "grant_unknown";
	if (dead)
		return refuse_dead(ctx, token, rows, dead);
	/* What is not in the record is not shown. */
	if (!rows_bool(rows, 0, "recorded"))
		FAIL(ERR_DB);
	return answer(ctx, token, rows);
}

struct result ep_userinfo(struct context *ctx)
{
	const struct http_request *request = ctx->request;
	AUTO_JSON json_t *claims = NULL;
	struct access_token_input in = {
		http_header(request, "Authorization"), request->query, request->form};
	struct access_token token;
	const char *compact;
	enum jose_verdict verdict;
	struct error error = access_token_find(ctx->arena, &in, &compact);
	if (error.code != ERROR_NONE) {
		answer_challenge(ctx, &error);
		return OK;
	}
	if (!compact)
		return ask_for_token(ctx);
	TRY(web_keys_verify(ctx, compact, ACCESS_TOKEN_TYP, &verdict, &claims));
	if (verdict != JOSE_GOOD)
		return refuse(ctx, ERROR_INVALID_TOKEN,
			arena_printf(ctx->arena,
				"expected an access token (typ at+jwt) that was signed here: %s",
				jose_verdict_text(verdict)));
	if (!access_token_read(ctx->arena, claims, ctx->settings->issuer, ctx->now_s, &token))
		return refuse(ctx, ERROR_INVALID_TOKEN,
			"expected an access token for this issuer that is not expired, came "
			"another");
	struct str_list scope = str_split(ctx->arena, token.scope, ' ');
	if (!str_list_has(&scope, SCOPE_OPENID))
		return refuse(ctx, ERROR_INSUFFICIENT_SCOPE,
			"expected an access token with scope openid, came one without");
	return disclose(ctx, &token);
}
