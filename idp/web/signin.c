/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/signin.h"
#include "idp/page/page_text.h"
#include "idp/web/disclosure.h"
#include "idp/web/steps.h"
#include "idp/web/ways.h"
#include <inttypes.h>
#include <string.h>

struct result signin_show_expired(struct context *ctx, const struct flow *flow)
{
	const bool known = flow->state == TRANSACTION_EXPIRED;
	struct page page = {.name = "expired", .ui_locales = flow->request.ui_locales};
	const char *text = NULL;
	if (known)
		TRY(flow_seal(ctx, flow, &text));
	page.data = json_object();
	page.status = known ? 410 : 400;
	json_put_flag(page.data, "known", known);
	json_put(page.data, "t", text);
	page_show(ctx, &page);
	return OK;
}

struct signin_asker signin_asker(struct context *ctx, struct flow *flow)
{
	json_t *stage = flow->transaction.stage;
	if (!json_str(stage, "session_id"))
		json_put(stage, "session_id", handle_uuid(&ctx->rng, ctx->arena, ctx->now_ms));
	return (struct signin_asker){
		.client_id = flow->request.client_id,
		.session_id = arena_strdup(ctx->arena, json_str(stage, "session_id")),
		.transaction = flow->transaction.id,
	};
}

struct result signin_again(struct context *ctx, struct flow *flow, const char *name, int64_t wait_s)
{
	json_put(flow->transaction.stage, "fault", name);
	if (wait_s > 0)
		json_put_int(flow->transaction.stage, "wait_until", ctx->now_s + wait_s);
	return flow_show(ctx, flow);
}

/* What will be disclosed to the client, by the claims that are asked for or, of a citizen who is
 * known, by those that they have. */
static void put_disclosure(
	struct context *ctx, const struct flow *flow, const json_t *values, json_t *data)
{
	if (!flow->registered)
		return;
	const struct claims_grant *granted = &flow->decision.grant;
	const struct disclosure disclosure = {.client = flow->registered->client,
		.names = claims_offered(ctx->arena, granted, values),
		.values = values,
		.offline = flow->decision.offline};
	disclosure_put(data, &disclosure, page_lang(ctx, flow->request.ui_locales));
}

static void add_problem(json_t *items, const char *field, const char *text_key)
{
	if (text_key)
		json_array_append_new(
			items, json_pack("{s:s, s:s}", "field", field, "text_key", text_key));
}

static void put_fault(json_t *data, const struct signin_fault *fault)
{
	json_t *problem = json_object();
	json_t *items = json_array();
	add_problem(items, "login", fault->summary ? fault->summary : fault->login);
	add_problem(items, "password", fault->summary ? NULL : fault->password);
	add_problem(items, "code", fault->summary ? NULL : fault->code);
	add_problem(items, "send", fault->summary ? NULL : fault->send);
	json_put_new(problem, "items", items);
	json_put(problem, "advice_key", fault->advice);
	json_put_new(data, "problem", problem);
	json_put(data, "login_error", fault->login);
	json_put(data, "password_error", fault->password);
	json_put(data, "code_error", fault->code);
}

struct result signin_page(struct context *ctx, struct flow *flow, const char *name,
	const struct signin_fault *fault, json_t *data)
{
	AUTO_JSON json_t *owned = data;
	const char *text = NULL;
	TRY(flow_seal(ctx, flow, &text));
	struct page page = {.name = name,
		.ui_locales = flow->request.ui_locales,
		.switch_here = true,
		.form_self = str_eq(name, "signin_password")};
	json_put(data, "t", text);
	if (!json_object_get(data, "agency"))
		put_disclosure(ctx, flow, NULL, data);
	if (fault)
		put_fault(data, fault);
	page.data = json_incref(data);
	page_show(ctx, &page);
	return OK;
}

static void note_shown(struct context *ctx, struct flow *flow, const json_t *values)
{
	json_t *stage = flow->transaction.stage;
	json_t *names = json_array();
	if (flow->registered) {
		const struct str_list offered =
			claims_offered(ctx->arena, &flow->decision.grant, values);
		for (size_t i = 0; i < offered.n; i++)
			json_array_append_new(names, json_string(offered.items[i]));
	}
	json_put_new(stage, "shown", names);
	json_put(stage, "shown_to", flow->session->session_id);
}

struct result signin_question(
	struct context *ctx, struct flow *flow, const char *name, json_t *data)
{
	AUTO_JSON json_t *owned = data;
	AUTO_JSON json_t *values = NULL;
	const char *claims = flow->session->claims;
	if (claims)
		TRY(json_parse(claims, strlen(claims), &values, NULL));
	const char *who = disclosure_name(ctx->arena, values);
	json_put(data, "name", who ? who : "");
	put_disclosure(ctx, flow, values, data);
	note_shown(ctx, flow, values);
	return signin_page(ctx, flow, name, NULL, json_incref(data));
}

/* One or more were wrong: how long yet, in words. The wait is the same whether somebody of that
 * name exists or not (I8). */
static struct result show_wait(
	struct context *ctx, struct flow *flow, const struct signin_fault *fault, int64_t wait_s)
{
	const enum page_lang lang = page_lang(ctx, flow->request.ui_locales);
	json_t *data = json_object();
	json_put_int(data, "seconds", wait_s);
	json_put(data, "duration", page_text_duration(ctx->arena, lang, wait_s));
	json_put(data, "lead_key", fault->lead ? fault->lead : "wait.text");
	json_put(data, "keep_key", fault->keep);
	json_put(data, "why_key", fault->why);
	json_put_flag(data, "to_password", str_eq(fault->again, "password"));
	json_put_flag(data, "other_way", ways_offered(ctx->arena, flow).n > 1);
	TRY(signin_page(ctx, flow, fault->page, NULL, data));
	ctx->response->status = 429;
	http_add(ctx->response, "Retry-After", arena_printf(ctx->arena, "%" PRId64, wait_s));
	return OK;
}

struct result signin_show(struct context *ctx, struct flow *flow, const struct step *step,
	const struct signin_fault *fault)
{
	const int64_t wait_s = json_int(flow->transaction.stage, "wait_until", 0) - ctx->now_s;
	const bool waits = fault && str_eq(fault->page, "wait");
	if (waits && wait_s > 0)
		return show_wait(ctx, flow, fault, wait_s);
	if (waits)
		fault = NULL;
	if (fault && fault->page)
		return signin_page(ctx, flow, fault->page, NULL, json_object());
	return step->page(ctx, flow, fault);
}
