/* SPDX-License-Identifier: Apache-2.0 */
/* The dispatcher and the endpoints that need no database, called as the HTTP adapter calls them. */
#include "tests/unit/unit.h"
#include "idp/base/clock.h"
#include "idp/page/dispatch.h"
#include "idp/page/page.h"
#include "idp/web/health.h"
#include "idp/web/keys.h"
#include "idp/web/routes.h"
#include "idp/web/seal_keys.h"
#include "idp/web/web.h"
#include <strings.h>

#define ISSUER "https://idp.example"

/* One request; the database and the vault are away. */
struct world {
	struct settings settings;
	struct http_request request;
	struct http_response response;
	struct http_header headers[8];
	struct web web;
	struct context ctx;
};

static int setup(void **state)
{
	struct arena *arena = arena_new();
	struct world *w = ARENA_NEW(arena, struct world);
	static const struct params none;
	w->settings = (struct settings){.issuer = ISSUER,
		.service_name_th = "ประตู",
		.service_name_en = "Pratu",
		.support_th = "",
		.support_en = "",
		.session_idle_s = 1800,
		.session_absolute_s = 43200,
		.transaction_ttl_s = 600,
		.code_ttl_s = 60,
		.refresh_token_ttl_s = 3600};
	w->request = (struct http_request){.arena = arena,
		.method = HTTP_GET,
		.method_name = "GET",
		.path = "/",
		.query_text = "",
		.query = &none,
		.form = &none,
		.body = "",
		.headers = w->headers,
		.address = "127.0.0.1",
		.correlation_id = "AAAAAAAAAAAAAAAAAAAAAA"};
	w->web = (struct web){.keys = web_keys_new(120), .seal_keys = seal_keys_new()};
	w->ctx = (struct context){.settings = &w->settings,
		.clock = clock_system(),
		.rng = rng_system(),
		.db = db_new("host=/nowhere dbname=none", "test"),
		.vault = vault_call_new("/nowhere", "web.sock"),
		.arena = arena,
		.request = &w->request,
		.response = &w->response,
		.now_s = 1700000000,
		.site = &web_site,
		.role = &w->web};
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	db_free(w->ctx.db);
	vault_call_free(w->ctx.vault);
	seal_keys_free(w->web.seal_keys);
	web_keys_free(w->web.keys);
	arena_free(w->ctx.arena);
	return 0;
}

static void add_header(struct world *w, const char *name, const char *value)
{
	w->headers[w->request.n_headers++] = (struct http_header){name, value};
}

static const char *header(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->response.n_headers; i++)
		if (strcasecmp(w->response.headers[i].name, name) == 0)
			return w->response.headers[i].value;
	return NULL;
}

static int send(struct world *w, enum http_method method, const char *path)
{
	static const char *const names[] = {[HTTP_GET] = "GET",
		[HTTP_POST] = "POST",
		[HTTP_OPTIONS] = "OPTIONS",
		[HTTP_OTHER] = "DELETE"};
	w->response = (struct http_response){0};
	w->request.method = method;
	w->request.method_name = names[method];
	w->request.path = path;
	dispatch_request(&w->ctx);
	return w->response.status;
}

static void post_form(struct world *w, const char *text)
{
	w->request.has_form = true;
	w->request.form_verdict = params_parse(w->ctx.arena, text, strlen(text), &w->request.form);
}

static bool body_has(const struct world *w, const char *text)
{
	const char *body = arena_strndup(w->ctx.arena, w->response.body, w->response.body_len);
	return strstr(body, text) != NULL;
}

static void an_unknown_path_is_a_page(void **state)
{
	struct world *w = *state;
	static const char *const paths[] = {"/nothing", "/token/", "/TOKEN", "//token", ""};
	for (size_t i = 0; i < COUNT(paths); i++) {
		assert_int_equal(send(w, HTTP_GET, paths[i]), 404);
		assert_non_null(strstr(header(w, "Content-Type"), "text/html"));
		assert_string_equal(header(w, "Cache-Control"), "no-store");
	}
}

static void a_wrong_method_is_told_which_are_right(void **state)
{
	struct world *w = *state;
	static const struct {
		enum http_method method;
		const char *path, *allow;
	} rows[] = {{HTTP_GET, "/token", "POST, OPTIONS"}, {HTTP_OTHER, "/token", "POST, OPTIONS"},
		{HTTP_POST, "/jwks", "GET, HEAD, OPTIONS"},
		{HTTP_OTHER, "/userinfo", "GET, HEAD, POST, OPTIONS"},
		{HTTP_OTHER, "/authorize", "GET, HEAD, POST, OPTIONS"},
		{HTTP_GET, "/signin/factor", "POST, OPTIONS"}};
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(send(w, rows[i].method, rows[i].path), 405);
		assert_string_equal(header(w, "Allow"), rows[i].allow);
	}
}

static void preflight_is_answered_where_scripts_may_call(void **state)
{
	struct world *w = *state;
	static const char *const open[] = {
		"/token", "/userinfo", "/jwks", "/.well-known/openid-configuration", "/revoke"};
	static const char *const closed[] = {
		"/introspect", "/authorize", "/signin", "/", "/logout"};
	for (size_t i = 0; i < COUNT(open); i++) {
		assert_int_equal(send(w, HTTP_OPTIONS, open[i]), 204);
		assert_string_equal(header(w, "Access-Control-Allow-Origin"), "*");
		assert_null(header(w, "Access-Control-Allow-Credentials"));
	}
	for (size_t i = 0; i < COUNT(closed); i++) {
		assert_int_equal(send(w, HTTP_OPTIONS, closed[i]), 204);
		assert_null(header(w, "Access-Control-Allow-Origin"));
		/* What an endpoint does not mention is not stored, guessed at or framed. */
		assert_string_equal(header(w, "Cache-Control"), "no-store");
		assert_string_equal(header(w, "X-Content-Type-Options"), "nosniff");
		assert_string_equal(header(w, "Content-Security-Policy"),
			"default-src 'none'; frame-ancestors 'none'");
	}
}

static void discovery_is_the_same_at_both_places(void **state)
{
	struct world *w = *state;
	assert_int_equal(send(w, HTTP_GET, "/.well-known/openid-configuration"), 200);
	const char *first = arena_strndup(w->ctx.arena, w->response.body, w->response.body_len);
	assert_non_null(strstr(header(w, "Cache-Control"), "max-age="));
	assert_string_equal(header(w, "Content-Type"), "application/json");
	assert_true(body_has(w, "\"issuer\":\"" ISSUER "\""));
	assert_int_equal(send(w, HTTP_GET, "/.well-known/oauth-authorization-server"), 200);
	assert_memory_equal(first, w->response.body, w->response.body_len);
	w->web.discovery = "{\"made\":\"at start\"}";
	assert_int_equal(send(w, HTTP_GET, "/.well-known/openid-configuration"), 200);
	assert_ptr_equal(w->response.body, w->web.discovery);
}

/* Needs neither database nor vault. */
static void the_documentation_names_the_issuer(void **state)
{
	struct world *w = *state;
	add_header(w, "Accept-Language", "en");
	assert_int_equal(send(w, HTTP_GET, "/connect"), 200);
	assert_true(body_has(w, ISSUER "/.well-known/openid-configuration"));
	assert_true(body_has(w, "lang=\"en\""));
	w->request.n_headers = 0;
	assert_int_equal(send(w, HTTP_GET, "/connect"), 200);
	assert_true(body_has(w, "lang=\"th\""));
}

/* I4: unknown means deny, in the manner of the endpoint. */
static void what_is_away_is_answered_503(void **state)
{
	struct world *w = *state;
	assert_int_equal(send(w, HTTP_GET, "/jwks"), 503);
	assert_true(body_has(w, "\"error\":\"temporarily_unavailable\""));
	assert_true(body_has(w, "\"correlation_id\":\"AAAAAAAAAAAAAAAAAAAAAA\""));
	assert_non_null(header(w, "Retry-After"));
	assert_string_equal(header(w, "Cache-Control"), "no-store");
	post_form(w, "grant_type=authorization_code&code=x&redirect_uri=y&client_id=z");
	assert_int_equal(send(w, HTTP_POST, "/token"), 503);
	assert_true(body_has(w, "\"error\":\"temporarily_unavailable\""));
	assert_int_equal(send(w, HTTP_POST, "/revoke"), 503);
	assert_int_equal(send(w, HTTP_GET, "/"), 503);
	assert_non_null(strstr(header(w, "Content-Type"), "text/html"));
	assert_null(header(w, "Set-Cookie"));
	assert_int_equal(send(w, HTTP_GET, "/health/ready"), 503);
	assert_true(body_has(w, "\"database\":\"away\""));
	assert_int_equal(send(w, HTTP_GET, "/health/live"), 200);
}

static void refusals_need_no_database(void **state)
{
	struct world *w = *state;
	post_form(w, "grant_type=authorization_code&client_id=z&code=1&code=2");
	assert_int_equal(send(w, HTTP_POST, "/token"), 400);
	assert_true(body_has(w, "\"error\":\"invalid_request\""));
	assert_int_equal(send(w, HTTP_GET, "/userinfo"), 401);
	assert_string_equal(header(w, "WWW-Authenticate"), "Bearer realm=\"" ISSUER "\"");
}

static void forms_come_from_our_own_pages(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *site, *origin, *referer;
		bool ours;
	} rows[] = {
		{"same-origin", ISSUER, NULL, true},
		{NULL, ISSUER, NULL, true},
		{NULL, NULL, ISSUER "/signin?t=x", true},
		{"same-origin", "null", NULL, true},
		{"none", ISSUER, NULL, true},
		{NULL, NULL, NULL, false},
		{NULL, "null", NULL, false},
		{NULL, "null", ISSUER "/", false},
		{"cross-site", ISSUER, NULL, false},
		{"same-site", ISSUER, NULL, false},
		{"same-origin", "https://evil.example", NULL, false},
		{NULL, "https://evil.example", ISSUER "/", false},
		{NULL, "http://idp.example", NULL, false},
		{NULL, ISSUER ":8443", NULL, false},
		{NULL, ISSUER ".evil.example", NULL, false},
		{NULL, NULL, "https://evil.example/?" ISSUER, false},
		{"same-origin", NULL, NULL, false},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		w->request.n_headers = 0;
		if (rows[i].site)
			add_header(w, "Sec-Fetch-Site", rows[i].site);
		if (rows[i].origin)
			add_header(w, "Origin", rows[i].origin);
		if (rows[i].referer)
			add_header(w, "Referer", rows[i].referer);
		int status = send(w, HTTP_POST, "/signin/password");
		assert_int_equal(status == 403, !rows[i].ours);
	}
}

static void some_posts_may_come_from_anywhere(void **state)
{
	struct world *w = *state;
	static const char *const paths[] = {"/authorize", "/logout", "/token", "/userinfo"};
	add_header(w, "Sec-Fetch-Site", "cross-site");
	add_header(w, "Origin", "https://agency.example");
	for (size_t i = 0; i < COUNT(paths); i++)
		assert_int_not_equal(send(w, HTTP_POST, paths[i]), 403);
	assert_int_equal(send(w, HTTP_POST, "/logout/confirm"), 403);
}

static void ready_is_what_was_found_of_late(void **state)
{
	struct world *w = *state;
	struct health *health = web_of(&w->ctx)->health = health_new();
	for (int part = 0; part < HEALTH_PARTS; part++)
		health_note(health, (enum health_part)part, clock_monotonic_us(), OK);
	assert_int_equal(send(w, HTTP_GET, "/health/ready"), 200);
	health_note(health, HEALTH_VAULT, clock_monotonic_us() - 60000000, OK);
	assert_int_equal(send(w, HTTP_GET, "/health/ready"), 503);
	assert_true(body_has(w, "\"database\":\"ok\",\"vault\":\"away\""));
	health_free(health);
}

static void lanes_follow_method_and_path(void **state)
{
	(void)state;
	assert_int_equal(dispatch_lane(&web_site, HTTP_GET, "/jwks"), HTTP_LANE_INLINE);
	assert_int_equal(dispatch_lane(&web_site, HTTP_GET, "/health/ready"), HTTP_LANE_INLINE);
	assert_int_equal(dispatch_lane(&web_site, HTTP_POST, "/token"), HTTP_LANE_QUICK);
	assert_int_equal(dispatch_lane(&web_site, HTTP_POST, "/signin/password"), HTTP_LANE_SLOW);
	assert_int_equal(dispatch_lane(&web_site, HTTP_POST, "/signin"), HTTP_LANE_QUICK);
	assert_int_equal(dispatch_lane(&web_site, HTTP_GET, "/signin"), HTTP_LANE_QUICK);
	assert_int_equal(dispatch_lane(&web_site, HTTP_GET, "/nothing"), HTTP_LANE_QUICK);
}

static void broken_requests_are_refused_in_the_routes_manner(void **state)
{
	struct world *w = *state;
	w->request.path = "/token";
	dispatch_refuse(&w->ctx, 503, "the lane is full");
	assert_int_equal(w->response.status, 503);
	assert_true(body_has(w, "temporarily_unavailable"));
	assert_non_null(header(w, "Retry-After"));
	w->response = (struct http_response){0};
	w->request.path = "/signin";
	dispatch_refuse(&w->ctx, 503, "the lane is full");
	assert_int_equal(w->response.status, 503);
	assert_non_null(strstr(header(w, "Content-Type"), "text/html"));
	static const int statuses[] = {400, 408, 413, 414, 431};
	w->request.path = NULL;
	w->request.method_name = NULL;
	w->request.query_text = NULL;
	for (size_t i = 0; i < COUNT(statuses); i++) {
		w->response = (struct http_response){0};
		dispatch_refuse(&w->ctx, statuses[i], "two \"Host\" headers");
		assert_int_equal(w->response.status, statuses[i]);
		assert_true(body_has(w, "two ?Host? headers"));
	}
}

static const char *other_address(const struct settings *settings)
{
	(void)settings;
	return "https://staff.example";
}

static struct result other_fails(struct context *ctx)
{
	(void)ctx;
	FAIL(ERR_DB);
}

static struct result other_shows(struct context *ctx)
{
	page_show(ctx,
		&(struct page){.name = "error",
			.data = json_pack("{s:s,s:s,s:s,s:s}", "title_key", "error.home",
				"text_key", "error.home", "link_key", "error.home", "link", "/")});
	return OK;
}

/* All of idp/page, for a role that has nothing of the web role. */
static void another_site_has_its_own_routes_and_origin(void **state)
{
	struct world *w = *state;
	static const struct route routes[] = {
		{"/staff", HTTP_LANE_SLOW, MANNER_PAGE, false, false, other_fails, other_shows},
		{"/style.css", HTTP_LANE_INLINE, MANNER_PAGE, false, false, ep_style, NULL},
		{"/language", HTTP_LANE_INLINE, MANNER_PAGE, false, false, ep_language, NULL}};
	static const struct site site = {"staff", other_address, routes, COUNT(routes), NULL, 0};
	w->ctx.site = &site;
	w->ctx.role = NULL;
	assert_int_equal(dispatch_lane(&site, HTTP_POST, "/staff"), HTTP_LANE_SLOW);
	assert_int_equal(dispatch_lane(&site, HTTP_POST, "/signin"), HTTP_LANE_QUICK);
	assert_int_equal(send(w, HTTP_GET, "/jwks"), 404);
	assert_int_equal(send(w, HTTP_GET, "/style.css"), 200);
	assert_int_equal(send(w, HTTP_GET, "/language"), 303);
	assert_int_equal(send(w, HTTP_GET, "/staff"), 503);
	assert_true(body_has(w, "staff.example"));
	add_header(w, "Origin", ISSUER);
	assert_int_equal(send(w, HTTP_POST, "/staff"), 403);
	w->headers[0].value = "https://staff.example";
	assert_int_equal(send(w, HTTP_POST, "/staff"), 200);
	assert_true(body_has(w, "staff.example"));
	assert_false(body_has(w, "idp.example"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_unknown_path_is_a_page, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_wrong_method_is_told_which_are_right, setup, teardown),
		cmocka_unit_test_setup_teardown(
			preflight_is_answered_where_scripts_may_call, setup, teardown),
		cmocka_unit_test_setup_teardown(
			discovery_is_the_same_at_both_places, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_documentation_names_the_issuer, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_away_is_answered_503, setup, teardown),
		cmocka_unit_test_setup_teardown(refusals_need_no_database, setup, teardown),
		cmocka_unit_test_setup_teardown(forms_come_from_our_own_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(some_posts_may_come_from_anywhere, setup, teardown),
		cmocka_unit_test_setup_teardown(ready_is_what_was_found_of_late, setup, teardown),
		cmocka_unit_test_setup_teardown(lanes_follow_method_and_path, setup, teardown),
		cmocka_unit_test_setup_teardown(
			broken_requests_are_refused_in_the_routes_manner, setup, teardown),
		cmocka_unit_test_setup_teardown(
			another_site_has_its_own_routes_and_origin, setup, teardown),
	};
	return cmocka_run_group_tests_name("page/dispatch", tests, NULL, NULL);
}
