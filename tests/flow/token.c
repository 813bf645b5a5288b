/* SPDX-License-Identifier: Apache-2.0 */
/* What the token endpoint refuses before a client has proven anything: counted, without a
 * database. */
#include "tests/unit/web_help.h"
#include "idp/base/tally.h"
#include "idp/page/dispatch.h"
#include "oidc/client_auth.h"
#include "oidc/grant_type.h"

static int post(struct help *help, const char *form)
{
	help->request.method = HTTP_POST;
	help->request.method_name = "POST";
	help->request.path = "/token";
	help->request.has_form = true;
	help->request.form_verdict =
		params_parse(help->ctx.arena, form, strlen(form), &help->request.form);
	help->response = (struct http_response){0};
	dispatch_request(&help->ctx);
	return help->response.status;
}

static void only(struct help *help, const char *reason)
{
	const struct tally_counts counts = tally_take(help->web.tally, help->ctx.arena);
	assert_int_equal(counts.n, 1);
	assert_string_equal(counts.items[0].key.kind, "client_auth");
	assert_string_equal(counts.items[0].key.outcome, "refused");
	assert_string_equal(counts.items[0].key.reason, reason);
	assert_null(counts.items[0].key.client_id);
	assert_int_equal(counts.items[0].n, 1);
}

static void what_proves_nothing_is_counted(void **state)
{
	struct help help;
	(void)state;
	help_open(&help);
	help.web.tally = tally_new();
	assert_int_equal(post(&help, "grant_type=refresh_token&refresh_token=x"), 400);
	only(&help, "unreadable");
	assert_null(help_answer(&help, "WWW-Authenticate", 0));
	assert_int_equal(post(&help, "code=1&code=2"), 400);
	only(&help, "malformed");
	help_header(&help, "Authorization", "Basic !");
	assert_int_equal(post(&help, "grant_type=refresh_token&refresh_token=x"), 401);
	assert_non_null(help_answer(&help, "WWW-Authenticate", 0));
	only(&help, "unreadable");
	tally_free(help.web.tally);
	help_close(&help);
}

static void methods_are_named_by_their_table(void **state)
{
	struct help help;
	(void)state;
	help_open(&help);
	assert_int_equal(post(&help, "grant_type=refresh_token&refresh_token=x"), 400);
	for (int i = 0; i < CLIENT_AUTH_METHODS_N; i++)
		assert_non_null(strstr(
			help.response.body, client_auth_row((enum client_auth_method)i)->name));
	assert_int_equal(post(&help, "grant_type=password"), 400);
	for (int i = 0; i < GRANT_TYPES_N; i++)
		assert_non_null(
			strstr(help.response.body, grant_type_of((enum grant_type_id)i)->name));
	help_close(&help);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_proves_nothing_is_counted),
		cmocka_unit_test(methods_are_named_by_their_table),
	};
	return cmocka_run_group_tests_name("token", tests, NULL, NULL);
}
