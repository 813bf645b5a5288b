/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/page/observe.h"

static const struct route routes[] = {
	{"/token", HTTP_LANE_QUICK, MANNER_JSON, true, false, NULL, NULL},
};
static const struct site site = {.name = "web", .routes = routes, .n_routes = COUNT(routes)};

/* What a stranger typed is nowhere, and makes no series. */
static void a_request_is_counted_by_its_route(void **state)
{
	(void)state;
	static const char *const paths[] = {"/hunter2", "/token/", "", "/TOKEN", "/wp-login.php"};
	struct arena *arena = arena_new();
	struct buf out = buf_new(arena);
	struct observe *observe = observe_new(&site, 1700000000);
	struct http_request request = {.path = "/token"};
	observe_request(observe, &request, 200, 1500);
	observe_request(observe, &request, 299, 1500);
	observe_request(observe, &request, 0, 1500);
	for (size_t i = 0; i < COUNT(paths); i++) {
		request.path = paths[i];
		observe_request(observe, &request, 404, 1);
	}
	observe_write(observe, NULL, &out);
#define LINE(route, status, n) \
	"\npratu_http_requests_total{route=\"" route "\",status=\"" status "\"} " n "\n"
	assert_non_null(strstr(out.text, LINE("/token", "200", "1")));
	assert_non_null(strstr(out.text, LINE("/token", "other", "1")));
	assert_non_null(strstr(out.text, LINE("/token", "none", "1")));
	assert_non_null(strstr(out.text, LINE("other", "404", "5")));
	for (size_t i = 0; i < COUNT(paths); i++)
		if (*paths[i])
			assert_null(strstr(out.text, paths[i]));
	assert_non_null(strstr(
		out.text, "\npratu_http_request_duration_seconds_count{route=\"other\"} 5\n"));
	observe_free(observe);
	observe_free(NULL);
	arena_free(arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_counted_by_its_route),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
