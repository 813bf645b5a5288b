/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/web.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/web/answer.h"
#include "idp/web/origin.h"
#include "idp/web/page.h"
#include "idp/web/routes.h"

enum http_lane web_lane(enum http_method method, const char *path)
{
	const struct web_route *route = routes_find(path);
	if (!route)
		return HTTP_LANE_QUICK;
	if (route->lane == HTTP_LANE_SLOW && method != HTTP_POST)
		return HTTP_LANE_QUICK;
	return route->lane;
}

/* How a refusal that belongs to no protocol looks: a page, or JSON. */
static void deny(struct web *web, enum web_manner manner, int status, const char *text_key,
	const char *detail)
{
	answer_clear(web);
	if (manner == WEB_PAGE) {
		page_error(web, status, text_key, detail, NULL);
		return;
	}
	struct error error = error_make(web->arena, ERROR_INVALID_REQUEST, "%s", detail);
	answer_error(web, &error);
	web->response->status = status;
}

static const char *allowed_methods(const struct web_route *route)
{
	if (route->get && route->post)
		return "GET, HEAD, POST, OPTIONS";
	return route->get ? "GET, HEAD, OPTIONS" : "POST, OPTIONS";
}

static void refuse_method(struct web *web, const struct web_route *route)
{
	struct arena *arena = web->arena;
	const char *detail = arena_printf(arena, "expected one of the methods %s, came %s",
		allowed_methods(route), web->request->method_name);
	deny(web, route->manner, 405, "error.method", detail);
	http_add(web->response, "Allow", allowed_methods(route));
}

/* A browser asks whether a script of another origin may call us (Fetch, CORS protocol). */
static void answer_options(struct web *web, const struct web_route *route)
{
	web->response->status = 204;
	web->response->body = "";
	http_add(web->response, "Allow", allowed_methods(route));
	if (!route->cors)
		return;
	http_add(web->response, "Access-Control-Allow-Methods", allowed_methods(route));
	http_add(web->response, "Access-Control-Allow-Headers", "Authorization, Content-Type");
	http_add(web->response, "Access-Control-Max-Age", "86400");
}

static void answer_failure(struct web *web, const struct web_route *route, struct result result)
{
	log_error("web.failed", "path", web->request->logged_path, "error", result_name(result.err),
		"where", result.where, "sqlstate", web->db ? db_sqlstate(web->db) : NULL,
		"correlation_id", web->request->correlation_id);
	if (route->manner == WEB_JSON) {
		answer_unavailable(web);
		return;
	}
	answer_clear(web);
	page_error(web, 503, "error.unavailable", NULL, NULL);
	http_add(web->response, "Retry-After", "5");
}

static void call_handler(struct web *web, const struct web_route *route)
{
	bool post = web->request->method == HTTP_POST;
	web_handler *handler = post ? route->post : route->get;
	if (!handler || web->request->method == HTTP_OTHER) {
		refuse_method(web, route);
		return;
	}
	if (post && route->manner == WEB_PAGE && !route->cross_site && !origin_is_ours(web)) {
		deny(web, WEB_PAGE, 403, "error.origin", NULL);
		return;
	}
	struct result result = handler(web);
	if (result.err != ERR_NONE)
		answer_failure(web, route, result);
}

/* What every answer carries, unless its handler said otherwise. */
static void finish(struct web *web, const struct web_route *route)
{
	if (route && route->cors) {
		http_add(web->response, "Access-Control-Allow-Origin", "*");
		http_add(web->response, "Access-Control-Expose-Headers",
			"WWW-Authenticate, Correlation-Id");
	}
	answer_default_header(web, "Cache-Control", "no-store");
	answer_default_header(web, "X-Content-Type-Options", "nosniff");
	answer_default_header(
		web, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
}

void web_dispatch(struct web *web)
{
	const struct web_route *route = routes_find(web->request->path);
	if (!route)
		deny(web, WEB_PAGE, 404, "error.not_found", NULL);
	else if (web->request->method == HTTP_OPTIONS)
		answer_options(web, route);
	else
		call_handler(web, route);
	finish(web, route);
}

void web_refuse(struct web *web, int status, const char *reason)
{
	const struct web_route *route = web->request->path ? routes_find(web->request->path) : NULL;
	log_info("web.broken_request", "reason", reason, "path", web->request->logged_path,
		"address", web->request->address, "correlation_id", web->request->correlation_id);
	if (status == 503)
		answer_unavailable(web);
	else
		deny(web, WEB_JSON, status, NULL, reason);
	if (status == 503 && route && route->manner == WEB_PAGE) {
		answer_clear(web);
		page_error(web, 503, "error.busy", NULL, NULL);
		http_add(web->response, "Retry-After", "5");
	}
	finish(web, route);
}
