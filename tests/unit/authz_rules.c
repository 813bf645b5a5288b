/* SPDX-License-Identifier: Apache-2.0 */
/* Every parameter of the authorization request, taken and refused. */
#include "tests/unit/authz_rig.h"
#include "oidc/grant_type.h"

#define X128 RIG_CHALLENGE RIG_CHALLENGE "0123456789012345678901234567890123456789ab"

/* ERROR_NONE: taken. The base request is RIG_GOOD's without response_type and scope. */
static const struct row {
	const char *more;
	enum error_code code;
} rows[] = {
	{"response_type=code&scope=openid", ERROR_NONE},
	/* response_type: OIDC Core s3.1.2.2, RFC 6749 s4.1.2.1 */
	{"scope=openid", ERROR_INVALID_REQUEST},
	{"response_type=&scope=openid", ERROR_INVALID_REQUEST},
	{"response_type=token&scope=openid", ERROR_UNSUPPORTED_RESPONSE_TYPE},
	{"response_type=id_token&scope=openid", ERROR_UNSUPPORTED_RESPONSE_TYPE},
	{"response_type=code%20id_token&scope=openid", ERROR_UNSUPPORTED_RESPONSE_TYPE},
	{"response_type=CODE&scope=openid", ERROR_UNSUPPORTED_RESPONSE_TYPE},
	{"response_type=none&scope=openid", ERROR_UNSUPPORTED_RESPONSE_TYPE},
	/* request objects: OIDC Core s3.1.2.6; told before what is missing beside them */
	{"request=a.b.c", ERROR_REQUEST_NOT_SUPPORTED},
	{"request_uri=https://tax.example/r", ERROR_REQUEST_URI_NOT_SUPPORTED},
	{"request_uri=urn:ietf:params:oauth:request_uri:x", ERROR_REQUEST_URI_NOT_SUPPORTED},
	{"registration=%7B%7D", ERROR_REGISTRATION_NOT_SUPPORTED},
	{"request=&response_type=code&scope=openid", ERROR_NONE},
	/* scope: RFC 6749 s3.3 */
	{"response_type=code", ERROR_INVALID_SCOPE},
	{"response_type=code&scope=", ERROR_INVALID_SCOPE},
	{"response_type=code&scope=profile", ERROR_INVALID_SCOPE},
	{"response_type=code&scope=openidx", ERROR_INVALID_SCOPE},
	{"response_type=code&scope=openid%20%22x", ERROR_INVALID_SCOPE},
	{"response_type=code&scope=openid%5C", ERROR_INVALID_SCOPE},
	{"response_type=code&scope=openid%0A", ERROR_INVALID_SCOPE},
	{"response_type=code&scope=openid%20%E0%B8%81", ERROR_INVALID_SCOPE},
	{"response_type=code&scope=openid%20national_id", ERROR_INVALID_SCOPE},
	{"response_type=code&scope=openid%20unheard_of", ERROR_NONE},
	{"response_type=code&scope=openid%20offline_access", ERROR_NONE},
	{"response_type=code&scope=email%20%20openid", ERROR_NONE},
};

/* More behind RIG_GOOD. */
static const struct row behind[] = {
	{"response_mode=query", ERROR_NONE},
	{"response_mode=form_post", ERROR_NONE},
	{"response_mode=fragment", ERROR_INVALID_REQUEST},
	{"response_mode=web_message", ERROR_INVALID_REQUEST},
	{"response_mode=query.jwt", ERROR_INVALID_REQUEST},
	{"response_mode=", ERROR_NONE},
	/* PKCE: RFC 7636 s4.2, s4.3, s4.4.1 */
	{"code_challenge=" RIG_CHALLENGE "&code_challenge_method=S256", ERROR_NONE},
	{"code_challenge=" X128 "&code_challenge_method=S256", ERROR_NONE},
	{"code_challenge=" X128 "c&code_challenge_method=S256", ERROR_INVALID_REQUEST},
	{"code_challenge=" RIG_CHALLENGE, ERROR_INVALID_REQUEST},
	{"code_challenge=" RIG_CHALLENGE "&code_challenge_method=plain", ERROR_INVALID_REQUEST},
	{"code_challenge=" RIG_CHALLENGE "&code_challenge_method=s256", ERROR_INVALID_REQUEST},
	{"code_challenge=" RIG_CHALLENGE "&code_challenge_method=", ERROR_INVALID_REQUEST},
	{"code_challenge_method=S256", ERROR_INVALID_REQUEST},
	{"code_challenge=short&code_challenge_method=S256", ERROR_INVALID_REQUEST},
	{"code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c%2B&code_challenge_method=S256",
		ERROR_INVALID_REQUEST},
	{"code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c~&code_challenge_method=S256",
		ERROR_NONE},
	/* prompt: OIDC Core s3.1.2.1 */
	{"prompt=none", ERROR_NONE},
	{"prompt=login%20consent%20select_account", ERROR_NONE},
	{"prompt=login%20login", ERROR_NONE},
	{"prompt=none%20login", ERROR_INVALID_REQUEST},
	{"prompt=login%20none", ERROR_INVALID_REQUEST},
	{"prompt=create", ERROR_INVALID_REQUEST},
	{"prompt=NONE", ERROR_INVALID_REQUEST},
	{"prompt=", ERROR_NONE},
	/* max_age */
	{"max_age=0", ERROR_NONE},
	{"max_age=3600", ERROR_NONE},
	{"max_age=99999999999999999999999999", ERROR_NONE},
	{"max_age=-1", ERROR_INVALID_REQUEST},
	{"max_age=%2B1", ERROR_INVALID_REQUEST},
	{"max_age=1.5", ERROR_INVALID_REQUEST},
	{"max_age=1e3", ERROR_INVALID_REQUEST},
	{"max_age=x", ERROR_INVALID_REQUEST},
	{"max_age=%201", ERROR_INVALID_REQUEST},
	{"max_age=", ERROR_NONE},
	/* what is unknown is tolerated */
	{"display=page", ERROR_NONE},
	{"display=hologram", ERROR_NONE},
	{"ui_locales=th-TH%20xx%20en", ERROR_NONE},
	{"claims_locales=zz", ERROR_NONE},
	{"acr_values=gold%20urn:pratu:loa:2", ERROR_NONE},
	{"acr_values=1%202%203%204%205%206%207%208%209%2010%2011%2012%2013%2014%2015%2016%2017%2018"
	 "%2019%2020",
		ERROR_NONE},
	{"acr_values=1%202%203%204%205%206%207%208%209%2010%2011%2012%2013%2014%2015%2016%2017%2018"
	 "%2019%2020%2021",
		ERROR_INVALID_REQUEST},
	{"login_hint=somchai", ERROR_NONE},
	{"audience=x&resource=y&kc_idp_hint=z", ERROR_NONE},
	{"claims=%7B%7D", ERROR_NONE},
	{"claims=%5B%5D", ERROR_INVALID_REQUEST},
	{"claims=%7B", ERROR_INVALID_REQUEST},
	{"claims=%7B%22userinfo%22%3A1%7D", ERROR_INVALID_REQUEST},
};

static void check(
	const char *query, enum error_code expected, struct authz_parsed *out, struct arena *arena)
{
	struct client client = rig_client();
	rig_parse(arena, &client, query, out);
	if (out->error.code != expected)
		print_error("%s: %s\n", query, error_name(out->error.code));
	assert_int_equal(out->error.code, expected);
	assert_int_equal(out->verdict, expected == ERROR_NONE ? AUTHZ_GOOD : AUTHZ_REDIRECT);
	assert_string_equal(out->request.state, "s1");
	const char *text = out->error.description;
	for (const char *c = text ? text : ""; *c; c++)
		assert_true(*c >= 0x20 && *c <= 0x7E && *c != '"' && *c != '\\');
}

static void type_scope_and_request_objects(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *arena = arena_new();
		struct authz_parsed parsed;
		check(arena_printf(arena,
			      "client_id=tax&redirect_uri=https://tax.example/other&state=s1&%s",
			      rows[i].more),
			rows[i].code, &parsed, arena);
		arena_free(arena);
	}
}

static void all_other_parameters(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(behind); i++) {
		struct arena *arena = arena_new();
		struct authz_parsed parsed;
		check(arena_printf(arena, "%s&%s", RIG_GOOD, behind[i].more), behind[i].code,
			&parsed, arena);
		arena_free(arena);
	}
}

static void each_text_has_its_bound(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		size_t max;
	} bounds[] = {{"nonce", 1024}, {"ui_locales", 1024}, {"claims_locales", 1024},
		{"login_hint", 1024}, {"id_token_hint", 8192}, {"acr_values", 1024},
		{"display", 1024}};
	for (size_t i = 0; i < COUNT(bounds); i++) {
		struct arena *arena = arena_new();
		struct authz_parsed parsed;
		const char *at = rig_run(arena, bounds[i].max),
			   *over = rig_run(arena, bounds[i].max + 1);
		check(arena_printf(arena, "%s&%s=%s", RIG_GOOD, bounds[i].name, at), ERROR_NONE,
			&parsed, arena);
		check(arena_printf(arena, "%s&%s=%s", RIG_GOOD, bounds[i].name, over),
			ERROR_INVALID_REQUEST, &parsed, arena);
		arena_free(arena);
	}
}

static void state_is_kept_whole_up_to_its_bound(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct client client = rig_client();
	struct authz_parsed parsed;
	const char *base = "client_id=tax&redirect_uri=https://tax.example/other"
			   "&response_type=code&scope=openid&state=";
	const char *at = rig_run(arena, 1024), *over = rig_run(arena, 1025);
	rig_parse(arena, &client, arena_printf(arena, "%s%s", base, at), &parsed);
	assert_int_equal(parsed.verdict, AUTHZ_GOOD);
	assert_string_equal(parsed.request.state, at);
	rig_parse(arena, &client, arena_printf(arena, "%s%s", base, over), &parsed);
	assert_int_equal(parsed.verdict, AUTHZ_REDIRECT);
	assert_int_equal(parsed.error.code, ERROR_INVALID_REQUEST);
	assert_null(parsed.request.state);
	rig_parse(arena, &client,
		arena_printf(arena, "%s%s", base, "%20%22%5C%0D%0A%26%3D%E0%B8%81+%2B"), &parsed);
	assert_string_equal(parsed.request.state, " \"\\\r\n&=ก +");
	arena_free(arena);
}

static void a_client_that_must_use_pkce_is_held_to_it(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct client client = rig_client();
	struct authz_parsed parsed;
	client.require_pkce = true;
	rig_parse_with(arena, &client, "", &parsed);
	assert_int_equal(parsed.error.code, ERROR_INVALID_REQUEST);
	assert_non_null(strstr(parsed.error.description, "code_challenge"));
	rig_parse_with(arena, &client, "code_challenge_method=S256&code_challenge=" RIG_CHALLENGE,
		&parsed);
	assert_int_equal(parsed.verdict, AUTHZ_GOOD);
	assert_string_equal(parsed.request.code_challenge, RIG_CHALLENGE);
	arena_free(arena);
}

static const char *scope_of(struct arena *arena, const struct client *client, const char *scope)
{
	struct authz_parsed parsed;
	rig_parse(arena, client,
		arena_printf(arena,
			"client_id=tax&redirect_uri=https://tax.example/other&response_type=code"
			"&scope=%s",
			scope),
		&parsed);
	return parsed.verdict == AUTHZ_GOOD ? str_join(arena, &parsed.request.scope, " ")
					    : error_name(parsed.error.code);
}

static void scopes_are_known_permitted_and_told_once(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct client client = rig_client();
	assert_string_equal(scope_of(arena, &client, "email+openid+x+email"), "email openid");
	assert_string_equal(scope_of(arena, &client, "openid+offline_access"), "openid");
	const char *registered[] = {"openid", "offline_access"};
	const struct str_list before = client.scopes;
	client.scopes = (struct str_list){registered, COUNT(registered)};
	assert_string_equal(
		scope_of(arena, &client, "openid+offline_access"), "openid offline_access");
	client.scopes = before;
	client.scopes.n = 1;
	assert_string_equal(scope_of(arena, &client, "openid+email"), "invalid_scope");
	client.scopes.n = 0;
	assert_string_equal(scope_of(arena, &client, "openid"), "openid");
	arena_free(arena);
}

static void claims_are_cut_to_what_the_client_may_ask(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct client client = rig_client();
	struct authz_parsed parsed;
	rig_parse_with(arena, &client,
		"claims=%7B%22userinfo%22%3A%7B%22national_id%22%3Anull%2C%22email%22%3Anull%7D%7D",
		&parsed);
	assert_int_equal(parsed.verdict, AUTHZ_GOOD);
	assert_non_null(claims_find(&parsed.request.claims, CLAIMS_USERINFO, "email"));
	assert_null(claims_find(&parsed.request.claims, CLAIMS_USERINFO, "national_id"));
	arena_free(arena);
}

static void values_are_read(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct client client = rig_client();
	struct authz_parsed parsed;
	rig_parse_with(arena, &client,
		"max_age=0&prompt=select_account&display=popup&login_hint=som&ui_locales=en&nonce="
		"n",
		&parsed);
	assert_int_equal(parsed.request.max_age_s, 0);
	assert_int_equal(parsed.request.prompt, AUTHZ_PROMPT_SELECT_ACCOUNT);
	assert_string_equal(parsed.request.display, "popup");
	assert_string_equal(parsed.request.login_hint, "som");
	assert_string_equal(parsed.request.ui_locales, "en");
	assert_string_equal(parsed.request.nonce, "n");
	rig_parse_with(arena, &client, "max_age=9999999999999&display=hologram", &parsed);
	assert_int_equal(parsed.request.max_age_s, AUTHZ_MAX_AGE_MAX);
	assert_null(parsed.request.display);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(type_scope_and_request_objects),
		cmocka_unit_test(all_other_parameters),
		cmocka_unit_test(each_text_has_its_bound),
		cmocka_unit_test(state_is_kept_whole_up_to_its_bound),
		cmocka_unit_test(a_client_that_must_use_pkce_is_held_to_it),
		cmocka_unit_test(scopes_are_known_permitted_and_told_once),
		cmocka_unit_test(claims_are_cut_to_what_the_client_may_ask),
		cmocka_unit_test(values_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
