/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/page/dispatch.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/page/answer.h"
#include "idp/page/origin.h"
#include "idp/page/page.h"
#include "idp/page/request_fault.h"

static const struct route *find_route(const struct site *site, const char *path)
{
	for (size_t i = 0; i < site->n_routes; i++)
		if (str_eq(site->routes[i].path, path))
			return &site->routes[i];
	return NULL;
}

bool dispatch_knows(const struct site *site, const char *path)
{
	return find_route(site, path) != NULL;
}

const char *dispatch_route(const struct site *site, const char *path)
{
	const struct route *route = find_route(site, path);
	return route ? route->path : NULL;
}

enum http_lane dispatch_lane(const struct site *site, enum http_method method, const char *path)
{
	const struct route *route = find_route(site, path);
	if (!route)
		return HTTP_LANE_QUICK;
	if (route->lane == HTTP_LANE_SLOW && method != HTTP_POST)
		return HTTP_LANE_QUICK;
	return route->lane;
}

/* How a refusal that belongs to no protocol looks: a page, or JSON. */
static void deny(struct context *ctx, enum manner manner, int status, const char *text_key,
	const char *detail)
{
	answer_clear(ctx);
	if (manner == MANNER_PAGE) {
		page_error(ctx, status, text_key, detail, NULL);
		return;
	}
	struct error error = error_make(ctx->arena, ERROR_INVALID_REQUEST, "%s", detail);
	answer_error(ctx, &error);
	ctx->response->status = status;
}

static const char *allowed_methods(const struct route *route)
{
	if (route->get && route->post)
		return "GET, HEAD, POST, OPTIONS";
	return route->get ? "GET, HEAD, OPTIONS" : "POST, OPTIONS";
}

static void refuse_method(struct context *ctx, const struct route *route)
{
	struct arena *arena = ctx->arena;
	const char *detail =
		arena_printf(arena, "The method is not allowed here. Received %s; allowed: %s.",
			ctx->request->method_name, allowed_methods(route));
	deny(ctx, route->manner, 405, "error.method", detail);
	http_add(ctx->response, "Allow", allowed_methods(route));
}

/* A browser asks whether a script of another origin may call us (Fetch, CORS protocol). */
static void answer_options(struct context *ctx, const struct route *route)
{
	ctx->response->status = 204;
	ctx->response->body = "";
	http_add(ctx->response, "Allow", allowed_methods(route));
	if (!route->cors)
		return;
	http_add(ctx->response, "Access-Control-Allow-Methods", allowed_methods(route));
	http_add(ctx->response, "Access-Control-Allow-Headers", "Authorization, Content-Type");
	http_add(ctx->response, "Access-Control-Max-Age", "86400");
}

static void answer_failure(struct context *ctx, const struct route *route, struct result result)
{
	log_error(context_event(ctx, "failed"), "path", ctx->request->logged_path, "error",
		result_name(result.err), "where", result.where, "sqlstate",
		ctx->db ? db_sqlstate(ctx->db) : NULL, "correlation_id",
		ctx->request->correlation_id);
	if (route->manner == MANNER_JSON) {
		answer_unavailable(ctx);
		return;
	}
	answer_clear(ctx);
	page_error(ctx, 503, "error.unavailable", NULL, NULL);
	http_add(ctx->response, "Retry-After", "5");
}

static void call_handler(struct context *ctx, const struct route *route)
{
	bool post = ctx->request->method == HTTP_POST;
	endpoint *handler = post ? route->post : route->get;
	if (!handler || ctx->request->method == HTTP_OTHER) {
		refuse_method(ctx, route);
		return;
	}
	if (post && route->manner == MANNER_PAGE && !route->cross_site && !origin_is_ours(ctx)) {
		deny(ctx, MANNER_PAGE, 403, "error.origin", NULL);
		return;
	}
	struct result result = handler(ctx);
	if (result.err != ERR_NONE)
		answer_failure(ctx, route, result);
}

/* What every answer carries, unless its handler has set them otherwise. */
static void finish(struct context *ctx, const struct route *route)
{
	if (route && route->cors) {
		http_add(ctx->response, "Access-Control-Allow-Origin", "*");
		http_add(ctx->response, "Access-Control-Expose-Headers",
			"WWW-Authenticate, Correlation-Id");
	}
	answer_default_header(ctx, "Cache-Control", "no-store");
	answer_default_header(ctx, "X-Content-Type-Options", "nosniff");
	answer_default_header(
		ctx, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
}

void dispatch_request(struct context *ctx)
{
	const struct route *route = find_route(ctx->site, ctx->request->path);
	if (!route)
		deny(ctx, MANNER_PAGE, 404, "error.not_found", NULL);
	else if (ctx->request->method == HTTP_OPTIONS)
		answer_options(ctx, route);
	else
		call_handler(ctx, route);
	finish(ctx, route);
}

void dispatch_refuse(struct context *ctx, int status, const char *reason)
{
	const struct route *route =
		ctx->request->path ? find_route(ctx->site, ctx->request->path) : NULL;
	log_info(context_event(ctx, "broken_request"), "reason", reason, "path",
		ctx->request->logged_path, "address", ctx->request->address, "correlation_id",
		ctx->request->correlation_id);
	if (status == 503)
		answer_unavailable(ctx);
	else
		deny(ctx, MANNER_JSON, status, NULL, request_fault_text(reason));
	if (status == 503 && route && route->manner == MANNER_PAGE) {
		answer_clear(ctx);
		page_error(ctx, 503, "error.busy", NULL, NULL);
		http_add(ctx->response, "Retry-After", "5");
	}
	finish(ctx, route);
}
