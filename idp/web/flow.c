/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/flow.h"
#include "idp/base/enc.h"
#include "idp/base/log.h"
#include "idp/web/grant.h"
#include "idp/web/record.h"
#include "oidc/uri.h"
#include "queries_web.h"
#include <string.h>

/* What only this file reads of a flow. */
struct flow_own {
	struct authz_request request; /* empty at "/" */
	struct grant grant;
	json_t *request_json, *citizen_claims;
};

struct result flow_start(
	struct context *ctx, const char *client_id, const json_t *request, const char **handle)
{
	const char *made = rng_opaque(&ctx->rng, ctx->arena);
	struct db_args args = db_args(ctx->arena);
	db_bytes(&args, crypto_sha256_text(ctx->arena, made), SHA256_LEN);
	db_bytes(&args, device_hash(ctx), SHA256_LEN);
	db_text(&args, client_id);
	db_text(&args, json_text(ctx->arena, request));
	db_int(&args, ctx->settings->transaction_ttl_s);
	TRY(db_exec(ctx->db, &q_web_flow_start, &args, NULL));
	*handle = made;
	return OK;
}

struct result flow_start_for(
	struct context *ctx, const struct authz_request *request, const char **handle)
{
	AUTO_JSON json_t *json = authz_request_to_json(request);
	return flow_start(ctx, request->client_id, json, handle);
}

void flow_show(struct context *ctx, const char *handle)
{
	http_redirect(ctx->response, 303, arena_printf(ctx->arena, "/signin?t=%s", handle));
	http_add(ctx->response, "Cache-Control", "no-store");
}

/* A JSON column, owned by the caller; what the database holds was written by us. */
static struct result column(const struct rows *rows, const char *name, json_t **out)
{
	const char *text = rows_text(rows, 0, name);
	*out = NULL;
	return text ? json_parse(text, strlen(text), out, NULL) : OK;
}

static struct result read_client(struct context *ctx, const struct rows *rows, struct flow *flow)
{
	AUTO_JSON json_t *metadata = NULL;
	TRY(column(rows, "client", &metadata));
	if (metadata)
		TRY(client_parse(ctx->arena, metadata, &flow->client, NULL));
	return OK;
}

static bool has_value(const json_t *claims, const char *name)
{
	const json_t *value = json_object_get(claims, name);
	return str_eq(name, "national_id") || (value && !json_is_null(value));
}

/* The names for the page: without language tags, and, once it is known who the citizen is, only
 * what they have. */
static struct str_list asked_names(struct context *ctx, const struct flow_own *own)
{
	struct claims_grant grant = {own->request.scope, own->request.claims};
	struct str_list all = claims_names(ctx->arena, &grant);
	const char **items = ARENA_ARRAY(ctx->arena, const char *, all.n + 1);
	struct str_list out = {items, 0};
	for (size_t i = 0; i < all.n; i++) {
		const char *name =
			arena_strndup(ctx->arena, all.items[i], strcspn(all.items[i], "#"));
		bool known = !own->citizen_claims || has_value(own->citizen_claims, all.items[i]);
		if (known && !str_list_has(&out, name))
			items[out.n++] = name;
	}
	return out;
}

static struct result read_request(struct context *ctx, struct flow *flow, struct flow_own *own)
{
	if (!flow->client)
		return OK;
	TRY(authz_request_from_json(ctx->arena, own->request_json, &own->request));
	flow->redirect_origin = uri_origin(ctx->arena, own->request.redirect_uri);
	flow->ui_locales = own->request.ui_locales;
	flow->login_hint = own->request.login_hint;
	flow->asked = asked_names(ctx, own);
	return OK;
}

/* The way back, too: a redirect_uri may have been withdrawn because somebody else has it now. */
static bool still_registered(const struct flow *flow, const json_t *request)
{
	const char *uri = json_str(request, "redirect_uri");
	return flow->client && uri && client_has_redirect_uri(flow->client, uri);
}

static struct result read_row(
	struct context *ctx, const struct rows *rows, struct flow *flow, struct flow_own *own)
{
	const char *client_id = rows_text(rows, 0, "client_id");
	TRY(column(rows, "request", &own->request_json));
	TRY(column(rows, "stage", &flow->stage));
	TRY(column(rows, "citizen_claims", &own->citizen_claims));
	TRY(read_client(ctx, rows, flow));
	if (client_id && !still_registered(flow, own->request_json))
		return OK; /* withdrawn since: as if it had never been */
	flow->state = rows_bool(rows, 0, "live") ? FLOW_LIVE : FLOW_EXPIRED;
	flow->request = own->request_json;
	session_from_row(ctx, rows, 0, &flow->session);
	own->grant = (struct grant){
		.request = &own->request, .client = flow->client, .handle_hash = flow->handle_hash};
	grant_remembered(ctx, rows, &own->grant);
	return read_request(ctx, flow, own);
}

struct result flow_load(struct context *ctx, const char *handle, struct flow **out)
{
	AUTO_FLOW struct flow *flow = ARENA_NEW(ctx->arena, struct flow);
	struct flow_own *own = ARENA_NEW(ctx->arena, struct flow_own);
	AUTO_ROWS struct rows *rows = NULL;
	struct db_args args = db_args(ctx->arena);
	flow->own = own;
	flow->state = FLOW_UNKNOWN;
	*out = NULL;
	if (handle && strlen(handle) == RNG_OPAQUE_LEN) {
		flow->handle = arena_strdup(ctx->arena, handle);
		crypto_sha256(handle, RNG_OPAQUE_LEN, flow->handle_hash);
		db_bytes(&args, flow->handle_hash, SHA256_LEN);
		db_bytes(&args, device_hash(ctx), SHA256_LEN);
		db_bytes(&args, session_token_hash(ctx), SHA256_LEN);
		db_int(&args, ctx->settings->session_idle_s);
		TRY(db_query(ctx->db, &q_web_flow_load, &args, &rows));
		if (rows_n(rows) == 1)
			TRY(read_row(ctx, rows, flow, own));
	}
	*out = flow;
	flow = NULL;
	return OK;
}

void flow_auto(struct flow **flow)
{
	if (!*flow)
		return;
	client_free((*flow)->client);
	json_decref((*flow)->stage);
	json_decref((*flow)->own->request_json);
	json_decref((*flow)->own->citizen_claims);
	*flow = NULL;
}

struct result flow_save(struct context *ctx, const struct flow *flow)
{
	struct db_args args = db_args(ctx->arena);
	db_bytes(&args, flow->handle_hash, SHA256_LEN);
	db_bytes(&args, device_hash(ctx), SHA256_LEN);
	db_text(&args, json_text(ctx->arena, flow->stage));
	return db_exec(ctx->db, &q_web_flow_save, &args, NULL);
}

void flow_authenticated(struct flow *flow, const struct vault_signed_in *sign_in)
{
	(void)sign_in;
	json_put(flow->stage, "authenticated", flow->session ? flow->session->session_id : NULL);
	json_object_del(flow->stage, "partial");
	json_object_del(flow->stage, "login");
	json_object_del(flow->stage, "session_id");
	json_object_del(flow->stage, "other_account");
}

void flow_account_chosen(struct flow *flow, bool same)
{
	if (!same)
		json_put_flag(flow->stage, "other_account", true);
	else if (flow->session && grant_stage_done(flow->stage, "shown_to", flow->session))
		json_put(flow->stage, "account", flow->session->session_id);
}

void flow_consented(struct flow *flow)
{
	if (flow->session && grant_stage_done(flow->stage, "shown_to", flow->session))
		json_put(flow->stage, "consented", flow->session->session_id);
}

/* The parts of the flow that may have changed since it was loaded. */
static struct grant grant_of(const struct flow *flow)
{
	struct grant grant = flow->own->grant;
	grant.session = flow->session;
	grant.stage = flow->stage;
	return grant;
}

static enum flow_step sign_in_step(const struct flow *flow)
{
	return json_str(flow->stage, "partial") ? FLOW_STEP_TOTP : FLOW_STEP_PASSWORD;
}

static enum flow_step step_of(const struct flow *flow, const struct authz_decision *decision)
{
	if (decision->outcome != AUTHZ_STEP)
		return FLOW_STEP_DONE;
	if (decision->step == AUTHZ_STEP_SIGN_IN)
		return sign_in_step(flow);
	return decision->step == AUTHZ_STEP_ACCOUNT ? FLOW_STEP_ACCOUNT : FLOW_STEP_CONSENT;
}

/* A yes counts for the citizen who saw the question: another tab may sign in somebody else
 * meanwhile. */
static struct result note_shown(struct context *ctx, const struct flow *flow, enum flow_step step)
{
	bool question = step == FLOW_STEP_ACCOUNT || step == FLOW_STEP_CONSENT;
	if (!question || ctx->request->method != HTTP_GET ||
		grant_stage_done(flow->stage, "shown_to", flow->session))
		return OK;
	json_put(flow->stage, "shown_to", flow->session->session_id);
	return flow_save(ctx, flow);
}

struct result flow_step(struct context *ctx, const struct flow *flow, enum flow_step *out)
{
	struct authz_decision decision;
	struct grant grant = grant_of(flow);
	if (!flow->client) {
		*out = flow->session ? FLOW_STEP_DONE : sign_in_step(flow);
		return OK;
	}
	TRY(grant_judge(ctx, &grant, &decision));
	enum flow_step step = step_of(flow, &decision);
	TRY(note_shown(ctx, flow, step));
	*out = step;
	return OK;
}

/* End the transaction without a code. told.kind NULL: without a row. *finished false: it was
 * ended before. */
static struct result finish(struct context *ctx, const struct flow *flow,
	const struct record_event *told, bool *finished)
{
	const struct session *s = flow->session;
	AUTO_ROWS struct rows *rows = NULL;
	struct db_args args = db_args(ctx->arena);
	db_bytes(&args, flow->handle_hash, SHA256_LEN);
	db_bytes(&args, device_hash(ctx), SHA256_LEN);
	db_text(&args, told->kind);
	db_text(&args, told->outcome);
	db_text(&args, told->reason);
	db_text(&args, flow->client ? flow->client->client_id : NULL);
	db_text(&args, s ? s->citizen_id : NULL);
	db_text(&args, s ? s->session_id : NULL);
	db_text(&args, s ? s->authentication_id : NULL);
	db_text(&args, s ? s->acr : NULL);
	db_text(&args, s ? db_text_array(ctx->arena, s->amr.items, s->amr.n) : NULL);
	record_context(ctx, &args);
	TRY(db_query(ctx->db, &q_web_flow_finish, &args, &rows));
	*finished = rows_n(rows) == 1;
	return OK;
}

static void go_home(struct context *ctx)
{
	http_redirect(ctx->response, 303, "/");
	http_add(ctx->response, "Cache-Control", "no-store");
}

/* End with an error to the agency, or at home where there is none. */
static struct result end_with(struct context *ctx, const struct flow *flow,
	const struct record_event *told, const struct error *error)
{
	bool finished = false;
	TRY(finish(ctx, flow, told, &finished));
	if (!flow->client)
		go_home(ctx);
	else if (finished)
		grant_answer_error(ctx, &flow->own->request, error);
	else
		flow_show(ctx, flow->handle);
	return OK;
}

/* The vault does not know this session (its keys are others now): it is of no more use. */
static struct result drop_session(struct context *ctx, struct flow *flow)
{
	bool ended = false;
	TRY(session_end(ctx, flow->session, flow->session->session_id, "ticket_refused", &ended));
	session_forget_cookie(ctx);
	flow->session = NULL;
	TRY(flow_save(ctx, flow));
	flow_show(ctx, flow->handle);
	return OK;
}

static struct result issue(
	struct context *ctx, struct flow *flow, const struct authz_decision *decision)
{
	struct grant grant = grant_of(flow);
	enum grant_outcome outcome = GRANT_SPENT;
	TRY(grant_issue(ctx, &grant, decision, &outcome));
	if (outcome == GRANT_REFUSED)
		return drop_session(ctx, flow);
	if (outcome == GRANT_SPENT)
		flow_show(ctx, flow->handle);
	return OK;
}

static struct result next_for_client(struct context *ctx, struct flow *flow)
{
	struct authz_decision decision;
	struct grant grant = grant_of(flow);
	TRY(grant_judge(ctx, &grant, &decision));
	if (decision.outcome == AUTHZ_ISSUE)
		return issue(ctx, flow, &decision);
	if (decision.outcome == AUTHZ_ERROR) {
		struct record_event told = {"authorize", "refused", error_name(decision.error.code),
			NULL, NULL, NULL, NULL};
		return end_with(ctx, flow, &told, &decision.error);
	}
	TRY(flow_save(ctx, flow));
	flow_show(ctx, flow->handle);
	return OK;
}

struct result flow_next(struct context *ctx, struct flow *flow)
{
	if (flow->state != FLOW_LIVE) {
		flow_show(ctx, flow->handle);
		return OK;
	}
	if (flow->client)
		return next_for_client(ctx, flow);
	if (flow->session)
		return end_with(ctx, flow, &(struct record_event){0}, NULL);
	TRY(flow_save(ctx, flow));
	flow_show(ctx, flow->handle);
	return OK;
}

struct result flow_cancel(struct context *ctx, struct flow *flow)
{
	struct error error = error_make(
		ctx->arena, ERROR_ACCESS_DENIED, "expected the citizen to go on, came a cancel");
	struct record_event told = {"sign_in", "abandoned", "cancel", NULL, NULL, NULL, NULL};
	return end_with(ctx, flow, &told, &error);
}

struct result flow_restart(struct context *ctx, struct flow *flow)
{
	const char *handle = NULL;
	const char *client_id = flow->client ? flow->client->client_id : NULL;
	TRY(flow_start(ctx, client_id, flow->request, &handle));
	flow_show(ctx, handle);
	return OK;
}
