/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/web/form_origins.h"

static void every_registered_origin_once(void **state)
{
	const char *redirects[] = {"https://auth.example/cb", "https://auth.example/cb2",
		"http://localhost:8080/cb", "th.go.app:/cb"};
	const char *outs[] = {"https://www.example/bye"};
	struct client client = {.redirect_uris = {redirects, COUNT(redirects)},
		.post_logout_redirect_uris = {outs, COUNT(outs)},
		.client_uri = "https://www.example/"};
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(form_origins(arena, &client, "http://localhost:8080/cb"),
		"http://localhost:8080 https://auth.example th.go.app: https://www.example");
	assert_string_equal(
		form_origins(arena, NULL, "https://a.example/cb?x"), "https://a.example");
	assert_string_equal(form_origins(arena, NULL, NULL), "");
	arena_free(arena);
}

static void no_origin_ends_the_policy(void **state)
{
	const char *redirects[] = {"https://a;script-src/cb", "https://b,c/cb", "https://'self'/cb",
		"not a uri", "https://good.example/"};
	struct client client = {.redirect_uris = {redirects, COUNT(redirects)}};
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(form_origins(arena, &client, NULL), "https://good.example");
	arena_free(arena);
}

static void there_is_a_bound(void **state)
{
	const char *redirects[FORM_ORIGINS_MAX + 4];
	struct client client = {.redirect_uris = {redirects, COUNT(redirects)}};
	struct arena *arena = arena_new();
	struct str_list list;

	(void)state;
	for (size_t i = 0; i < COUNT(redirects); i++)
		redirects[i] = arena_printf(arena, "https://h%zu.example/", i);
	list = str_split(arena, form_origins(arena, &client, NULL), ' ');
	assert_int_equal(list.n, FORM_ORIGINS_MAX);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_registered_origin_once),
		cmocka_unit_test(no_origin_ends_the_policy),
		cmocka_unit_test(there_is_a_bound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
