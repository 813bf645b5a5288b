/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/signin.h"
#include "idp/base/enc.h"
#include "idp/web/flow_login.h"
#include "idp/web/form_origins.h"
#include "idp/web/learn.h"
#include "idp/page/page_text.h"
#include "queries_web.h"
#include <inttypes.h>
#include <string.h>

void signin_show_expired(struct context *ctx, const struct flow *flow)
{
	struct page page = {.name = "expired", .ui_locales = flow->ui_locales};

	page.data = json_object();
	page.status = flow->state == FLOW_EXPIRED ? 410 : 400;
	json_put_flag(page.data, "known", flow->state == FLOW_EXPIRED);
	json_put(page.data, "t", flow->handle);
	page_show(ctx, &page);
}

struct result signin_take(struct context *ctx, struct flow **out)
{
	const struct http_request *request = ctx->request;
	AUTO_FLOW struct flow *flow = NULL;

	*out = NULL;
	if (!request->has_form || request->form_verdict != PARAMS_OK) {
		page_error(
			ctx, 400, "error.form", params_verdict_text(request->form_verdict), NULL);
		return OK;
	}
	TRY(flow_load(ctx, params_value(request->form, "t"), &flow));
	if (flow->state != FLOW_LIVE) {
		signin_show_expired(ctx, flow);
		return OK;
	}
	json_object_del(flow->stage, "say");
	*out = flow;
	flow = NULL;
	return OK;
}

struct vault_context signin_context(struct context *ctx, struct flow *flow)
{
	if (!json_str(flow->stage, "session_id"))
		json_put(flow->stage, "session_id", rng_uuid(&ctx->rng, ctx->arena));
	return (struct vault_context){
		.client_id = flow->client ? flow->client->client_id : NULL,
		.session_id = json_str(flow->stage, "session_id"),
		.transaction = enc_b64url(ctx->arena, flow->handle_hash, SHA256_LEN),
		.device_hash = enc_b64url(ctx->arena, device_hash(ctx), SHA256_LEN),
	};
}

/* What the citizen's own claims say; *out is owned by the caller, NULL if nobody is signed in. */
static struct result load_claims(struct context *ctx, const struct flow *flow, json_t **out)
{
	struct db_args args = db_args(ctx->arena);
	AUTO_ROWS struct rows *rows = NULL;
	const char *text = NULL;

	*out = NULL;
	if (!flow->session)
		return OK;
	db_text(&args, flow->session->citizen_id);
	TRY(db_query(ctx->db, &q_web_citizen_claims, &args, &rows));
	text = rows_n(rows) == 1 ? rows_text(rows, 0, "claims") : NULL;
	return text ? json_parse(text, strlen(text), out, NULL) : OK;
}

static void put_learn(
	struct context *ctx, const struct flow *flow, const json_t *values, json_t *data)
{
	struct learn learn = {flow->client, &flow->asked, json_arr(flow->request, "scope"), values};

	if (flow->client)
		learn_put(data, &learn, page_lang(ctx, flow->ui_locales));
}

/* A page of the transaction: data gets what every page of a sign-in shows. */
static void show_page(struct context *ctx, const struct flow *flow, const char *name, json_t *data)
{
	struct page page = {.name = name,
		.ui_locales = flow->ui_locales,
		.form_origins = form_origins(ctx->arena, flow->client, flow->redirect_origin),
		.data = data};

	json_put(data, "t", flow->handle);
	if (!json_object_get(data, "agency"))
		put_learn(ctx, flow, NULL, data);
	page_show(ctx, &page);
}

static void add_problem(json_t *items, const char *field, const char *text_key)
{
	json_t *item = NULL;

	if (!text_key)
		return;
	item = json_object();
	json_put(item, "field", field);
	json_put(item, "text_key", text_key);
	json_array_append_new(items, item);
}

static void put_fault(json_t *data, const json_t *say)
{
	json_t *problem = json_object();
	json_t *items = json_array();
	const char *login = json_str(say, "login");
	const char *password = json_str(say, "password");
	const char *code = json_str(say, "code");
	const char *summary = json_str(say, "summary");

	if (summary) {
		add_problem(items, "login", summary);
	} else {
		add_problem(items, "login", login);
		add_problem(items, "password", password);
		add_problem(items, "code", code);
	}
	json_put_new(problem, "items", items);
	json_put(problem, "advice_key", json_str(say, "advice"));
	json_put_new(data, "problem", problem);
	json_put(data, "login_error", login);
	json_put(data, "password_error", password);
	json_put(data, "code_error", code);
}

struct result signin_again(struct context *ctx, struct flow *flow, const struct signin_fault *fault)
{
	json_t *say = json_object();

	json_put(say, "page", fault->page);
	json_put(say, "login", fault->login);
	json_put(say, "password", fault->password);
	json_put(say, "code", fault->code);
	json_put(say, "summary", fault->summary);
	json_put(say, "advice", fault->advice);
	json_put_int(say, "wait_until", fault->wait_until_s);
	json_put_new(flow->stage, "say", say);
	TRY(flow_save(ctx, flow));
	flow_show(ctx, flow->handle);
	return OK;
}

/* Throttled: how long yet, in words. The wait is the same whether somebody of that name exists or
 * not (I8). */
static void show_wait(struct context *ctx, const struct flow *flow, int64_t wait_s, json_t *data)
{
	json_put(data, "duration",
		page_text_duration(ctx->arena, page_lang(ctx, flow->ui_locales), wait_s));
	show_page(ctx, flow, "wait", data);
	ctx->response->status = 429;
	http_add(ctx->response, "Retry-After", arena_printf(ctx->arena, "%" PRId64, wait_s));
}

static void show_password(
	struct context *ctx, const struct flow *flow, const json_t *say, json_t *data)
{
	const char *login = flow_login_get(ctx, flow);
	const char *page = json_str(say, "page");
	int64_t wait_s = json_int(say, "wait_until", 0) - ctx->now_s;

	if (str_eq(page, "wait") && wait_s > 0) {
		show_wait(ctx, flow, wait_s, data);
		return;
	}
	if (str_eq(page, "blocked")) {
		show_page(ctx, flow, "blocked", data);
		return;
	}
	if (str_eq(page, "password"))
		put_fault(data, say);
	if (!login)
		login = flow->login_hint;
	json_put(data, "login", login ? login : "");
	json_put_int(data, "step", 1);
	show_page(ctx, flow, "signin_password", data);
}

/* The pages that speak of a citizen who is signed in. */
static struct result show_question(
	struct context *ctx, const struct flow *flow, const char *name, json_t *data)
{
	AUTO_JSON json_t *claims = NULL;
	AUTO_JSON json_t *owned = data;
	const char *who = NULL;

	TRY(load_claims(ctx, flow, &claims));
	who = learn_name(ctx->arena, claims);
	json_put(data, "name", who ? who : "");
	if (strcmp(name, "consent") == 0)
		put_learn(ctx, flow, claims, data);
	show_page(ctx, flow, name, json_incref(owned));
	return OK;
}

struct result signin_show(
	struct context *ctx, const struct flow *flow, enum flow_step step, bool fresh)
{
	const json_t *say = fresh ? NULL : json_obj(flow->stage, "say");
	json_t *data = json_object();

	switch (step) {
	case FLOW_STEP_ACCOUNT:
		return show_question(ctx, flow, "account", data);
	case FLOW_STEP_CONSENT:
		return show_question(ctx, flow, "consent", data);
	case FLOW_STEP_TOTP:
		if (str_eq(json_str(say, "page"), "totp"))
			put_fault(data, say);
		json_put_int(data, "step", 2);
		show_page(ctx, flow, "signin_totp", data);
		return OK;
	case FLOW_STEP_PASSWORD:
	case FLOW_STEP_DONE:
		show_password(ctx, flow, say, data);
		return OK;
	}
	json_decref(data);
	return OK;
}
