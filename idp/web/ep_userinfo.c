/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/page/answer.h"
#include "idp/web/clients.h"
#include "idp/web/keys.h"
#include "idp/web/record.h"
#include "idp/web/token_claims.h"
#include "idp/web/token_refuse.h"
#include "oidc/access_token.h"
#include "oidc/scope.h"
#include "queries_web.h"

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
		"Authorization: expected Bearer and an access token, received no such header.");
	answer_challenge(ctx, &error);
	return OK;
}

static struct result load(struct context *ctx, const struct access_token *token,
	const struct q_web_userinfo_row **out)
{
	const struct record_asker who = record_asker(ctx);
	const struct handle_span span = handle_uuid_span(token->grant_id);
	const struct q_web_userinfo_in in = {
		.grant_id = token->grant_id,
		.from_ms = span.from_ms,
		.until_ms = span.until_ms,
		.client_id = token->client_id,
		.session_idle_s = (double)ctx->settings->session_idle_s,
		.session_absolute_s = (double)ctx->settings->session_absolute_s,
		.jti = token->jti,
		.scope = token->scope,
		.address = who.address,
		.device = who.device,
		.user_agent = who.user_agent,
		.correlation_id = who.correlation_id,
	};
	return q_web_userinfo(ctx->db, ctx->arena, &in, out);
}

static const char *why_dead(const struct q_web_userinfo_row *row)
{
	const struct token_grant_facts grant = {
		.expired = row->grant_expired,
		.revoked = row->revoked,
		.offline = row->offline,
		.session_lives = row->session_lives,
		.citizen_locked = row->locked,
	};
	return token_decide_grant_dead(&grant);
}

/* row NULL: no such grant, or its client is disabled. */
static struct result refuse_dead(struct context *ctx, const struct access_token *token,
	const struct q_web_userinfo_row *row, const char *reason)
{
	struct token_found found = {.facts = {.found = row != NULL, .client_id = token->client_id}};
	if (row) {
		found.grant_id = row->grant_id;
		found.subject_id = row->subject_id;
		found.actor_id = row->actor_id;
		found.session_id = row->session_id;
		found.authentication_id = row->authentication_id;
	}
	const struct token_refuse in = {
		.kind = "userinfo",
		.reason = reason,
		.client_id = token->client_id,
		.found = &found,
		.jti = token->jti,
	};
	TRY(token_refuse(ctx, &in));
	return refuse(ctx, ERROR_INVALID_TOKEN,
		"The authorization of this access token has ended by revocation, sign-out or "
		"expiry.");
}

/* What this token may show: its own scope, which a refresh can have narrowed, within what is
 * granted. */
static const char *scope_of(
	struct context *ctx, const struct access_token *token, const char *grant_scope)
{
	const struct str_list granted = str_split(ctx->arena, grant_scope, ' ');
	struct str_list scope = str_split(ctx->arena, token->scope, ' ');
	size_t n = 0;
	for (size_t i = 0; i < scope.n; i++)
		if (str_list_has(&granted, scope.items[i]))
			scope.items[n++] = scope.items[i];
	scope.n = n;
	return str_join(ctx->arena, &scope, " ");
}

/* OpenID Connect Core s5.3.2 */
static struct result answer(struct context *ctx, const struct access_token *token,
	const struct q_web_userinfo_row *row, const struct client *client)
{
	AUTO_JSON json_t *body = json_object();
	const struct token_claims_source source = {row->ticket, row->grant_claims,
		row->citizen_claims, row->citizen_updated_at_s, client};
	const char *scope = scope_of(ctx, token, row->grant_scope);
	json_put(body, "sub", row->sub);
	TRY(token_claims_put(ctx, CLAIMS_USERINFO, scope, &source, body));
	answer_json(ctx, 200, body);
	return OK;
}

static struct result disclose(struct context *ctx, const struct access_token *token)
{
	const struct registered *registered = NULL;
	const struct q_web_userinfo_row *row = NULL;
	TRY(clients_find(ctx, token->client_id, &registered));
	if (!registered)
		return refuse_dead(ctx, token, NULL, "grant_unknown");
	TRY(load(ctx, token, &row));
	const char *dead = row ? why_dead(row) : "grant_unknown";
	if (dead)
		return refuse_dead(ctx, token, row, dead);
	/* What is not in the audit log is not disclosed. */
	if (!row->recorded)
		FAIL(ERR_DB);
	return answer(ctx, token, row, registered->client);
}

struct result ep_userinfo(struct context *ctx)
{
	const struct http_request *request = ctx->request;
	const bool post = request->method == HTTP_POST;
	AUTO_JSON json_t *claims = NULL;
	const struct access_token_input in = {
		.authorization = http_header(request, "Authorization"),
		.query_verdict = request->query_verdict,
		.form_verdict = post ? request->form_verdict : PARAMS_OK,
		.query = request->query,
		.form = post ? request->form : NULL,
	};
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
				"This is not an access token (typ at+jwt) that was signed here: %s",
				jose_verdict_text(verdict)));
	if (!access_token_read(ctx->arena, claims, ctx->settings->issuer, ctx->now_s, &token))
		return refuse(ctx, ERROR_INVALID_TOKEN,
			"The access token has expired, or was not issued by this issuer.");
	struct str_list scope = str_split(ctx->arena, token.scope, ' ');
	if (!str_list_has(&scope, SCOPE_OPENID))
		return refuse(ctx, ERROR_INSUFFICIENT_SCOPE,
			"The scope of the access token does not contain openid.");
	return disclose(ctx, &token);
}
