/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/signin_end.h"
#include "idp/page/cookie.h"
#include "idp/web/record.h"
#include "idp/web/steps.h"
#include "queries_web.h"

/* What is committed in one statement. */
struct commit {
	struct flow *flow;
	const struct signin_factor *factor;
	bool with_code; /* the rest is set */
	struct grant_code code;
	struct signin_bound bound;
};

/* The session as it is about to be stored. */
static struct session *session_new(
	struct context *ctx, const struct flow *flow, const struct signin_factor *factor)
{
	struct session *session = ARENA_NEW(ctx->arena, struct session);
	const char *session_id = json_str(flow->transaction.stage, "session_id");
	*session = (struct session){.session_id = arena_strdup(ctx->arena, session_id),
		.subject_id = factor->subject_id,
		.actor_id = factor->actor_id,
		.authentication_id = factor->authentication_id,
		.ticket = factor->ticket,
		.acr = factor->acr,
		.amr = factor->amr,
		.auth_time_s = factor->auth_time_s,
		.last_seen_s = ctx->now_s,
		.expires_at_s = factor->auth_time_s + ctx->settings->session_absolute_s};
	return session;
}

/* One look-up more where a decision depends on what the citizen allowed before. */
static struct result load_consent(
	struct context *ctx, const struct flow *flow, struct session *session)
{
	const struct grant grant = flow_grant(flow);
	const struct q_web_consent_load_in in = {session->subject_id, flow->request.client_id};
	const struct q_web_consent_load_row *row = NULL;
	if (!flow->registered || !grant_needs_consent_record(&grant))
		return OK;
	TRY(q_web_consent_load(ctx->db, ctx->arena, &in, &row));
	if (!row)
		return OK;
	session->claims = row->claims;
	return session_consent_read(ctx->arena, row->consent_scope, row->consent_claims,
		row->consent_shown, &session->consent);
}

static void note_in_stage(struct flow *flow, const struct signin_factor *factor)
{
	static const char *const done[] = {"partial", "ways", "way", "step_up", "login",
		"session_id", "other_account", "account", "consented", "shown_to", "shown", NULL};
	json_t *stage = flow->transaction.stage;
	for (size_t i = 0; done[i]; i++)
		json_object_del(stage, done[i]);
	json_put(stage, "authenticated", flow->session->session_id);
	if (factor->stopped > 0)
		json_put_int(stage, "stopped", factor->stopped);
}

/* The code that goes with the session, if the decision allows one now. */
static struct result put_code(
	struct context *ctx, const struct grant_code *foreseen, struct commit *commit)
{
	const struct flow *flow = commit->flow;
	const struct grant grant = flow_grant(flow);
	if (!flow->registered || steps_due(flow) || flow->decision.outcome != AUTHZ_ISSUE)
		return OK;
	commit->with_code = true;
	if (foreseen && commit->factor->grant_ticket) {
		commit->code = *foreseen;
		commit->bound = (struct signin_bound){
			VAULT_OK, commit->factor->grant_ticket, commit->factor->sub};
		return OK;
	}
	commit->code = grant_code_new(ctx, &grant, &flow->decision);
	TRY(signin_vault_bind(ctx, commit->factor->ticket, &commit->code.bind, &commit->bound));
	commit->with_code = commit->bound.outcome == VAULT_OK;
	return OK;
}

static void code_columns(
	struct context *ctx, const struct commit *commit, struct q_web_sign_in_commit_in *in)
{
	const struct flow *flow = commit->flow;
	const struct grant_code *code = &commit->code;
	if (!commit->with_code)
		return;
	in->client_id = code->bind.client_id;
	in->client_version = code->bind.client_version;
	in->grant_id = flow->transaction.id;
	in->grant_ms = flow->transaction.began_ms;
	in->sub = commit->bound.sub;
	in->scope = str_join(ctx->arena, &flow->decision.grant.scope, " ");
	in->claims = code->claims;
	in->ticket = commit->bound.grant_ticket;
	in->offline = flow->decision.offline;
	in->expires_at_s = code->bind.expires_at_s;
	in->code_hash = code->hash;
	in->code_ms = code->made_ms;
	in->code_ttl_s = ctx->settings->code_ttl_s;
	in->redirect_uri = flow->request.redirect_uri;
	in->code_challenge = flow->request.code_challenge;
	in->nonce = flow->request.nonce;
}

/* Seconds from the time within its id. A session that stepped up ends when it would have without.
 */
static int64_t absolute_s(struct context *ctx, const struct session *session)
{
	const int64_t most_s = ctx->settings->session_absolute_s;
	const int64_t began_s = handle_uuid_span(session->session_id).from_ms / 1000;
	const int64_t left_s = session->auth_time_s + most_s - began_s;
	return left_s < most_s ? left_s : most_s;
}

/* *row NULL: the citizen was locked meanwhile. token: of the new cookie; it and the session's id
 * name the same moment. */
static struct result store(struct context *ctx, const struct commit *commit, const char *token,
	const struct q_web_sign_in_commit_row **row)
{
	const struct session *session = commit->flow->session;
	const struct session_cookie old = session_cookie(ctx);
	const struct record_asker asker = record_asker(ctx);
	struct q_web_sign_in_commit_in in = {.session_id = session->session_id,
		.session_ms = handle_uuid_span(session->session_id).from_ms,
		.token_hash = {crypto_sha256_text(ctx->arena, token), SHA256_LEN},
		.subject_id = session->subject_id,
		.actor_id = session->actor_id,
		.authentication_id = session->authentication_id,
		.session_ticket = session->ticket,
		.acr = session->acr,
		.amr = session->amr,
		.auth_time_s = session->auth_time_s,
		.absolute_s = absolute_s(ctx, session),
		.device_hash = {device_next_hash(ctx), SHA256_LEN},
		.old_token_hash = old.token_hash,
		.old_from_ms = old.span.from_ms,
		.old_until_ms = old.span.until_ms,
		.address = asker.address,
		.device = asker.device,
		.user_agent = asker.user_agent,
		.correlation_id = asker.correlation_id};
	code_columns(ctx, commit, &in);
	return q_web_sign_in_commit(ctx->db, ctx->arena, &in, row);
}

/* After the commit: what else there is to answer. */
static struct result answer(struct context *ctx, const struct commit *commit, bool issued)
{
	struct flow *flow = commit->flow;
	if (issued) {
		grant_answer_code(ctx, &flow->request, commit->code.code);
		return OK;
	}
	const bool to_issue = flow->registered && flow->decision.outcome == AUTHZ_ISSUE;
	if (!to_issue && !steps_due(flow))
		return flow_end(ctx, flow);
	/* A client that changed is read again; the page finds any other cause. */
	if (to_issue)
		clients_forget(web_of(ctx)->clients, flow->request.client_id);
	return flow_show(ctx, flow);
}

/* A step up stands on a session that lives; one that was ended while the code was looked at takes
 * the new one with it. Neither its cookie nor a code of it has left. */
static struct result ended_meanwhile(struct context *ctx, struct flow *flow)
{
	TRY(session_end_own(ctx, flow->session, "replaced"));
	json_object_del(flow->transaction.stage, "authenticated");
	return signin_again(ctx, flow, "late", 0);
}

struct result signin_end(struct context *ctx, struct flow *flow, const struct signin_factor *factor,
	const struct grant_code *foreseen)
{
	struct commit commit = {.flow = flow, .factor = factor};
	const struct q_web_sign_in_commit_row *row = NULL;
	struct session *session = session_new(ctx, flow, factor);
	const int64_t at_ms = handle_uuid_span(session->session_id).from_ms;
	const char *token = handle_new(&ctx->rng, ctx->arena, at_ms);
	const bool steps_up = json_str(flow->transaction.stage, "step_up") != NULL;
	flow->session = session;
	TRY(load_consent(ctx, flow, session));
	note_in_stage(flow, factor);
	TRY(flow_judge(ctx, flow));
	TRY(put_code(ctx, foreseen, &commit));
	TRY(store(ctx, &commit, token, &row));
	if (!row) {
		json_object_del(flow->transaction.stage, "authenticated");
		return signin_again(ctx, flow, "password_refused", 0);
	}
	if (steps_up && row->replaced == 0)
		return ended_meanwhile(ctx, flow);
	cookie_set(ctx, SESSION_COOKIE, token, COOKIE_SESSION);
	device_renew(ctx);
	return answer(ctx, &commit, row->issued);
}
