/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/oidc.h"
#include "oidc/grant_type.h"

#define JWK_EC \
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"," \
	"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\""
#define BASE "\"client_id\":\"rd\",\"client_name\":\"Revenue\""
#define REDIRECT "\"redirect_uris\":[\"https://rd.example/cb\"]"

static void defaults_are_those_of_registration(void **state)
{
	const struct client *client = oidc_client(*state, "{" BASE "," REDIRECT "}");
	assert_string_equal(client->client_id, "rd");
	assert_string_equal(client->name_th, "Revenue");
	assert_string_equal(client->name_en, "Revenue");
	assert_int_equal(client->auth_method, CLIENT_AUTH_BASIC);
	assert_int_equal(client->id_token_alg, JOSE_RS256);
	assert_int_equal(client->access_token_alg, JOSE_RS256);
	assert_false(client->subject_public);
	assert_string_equal(client->sector, "rd.example");
	assert_false(client->require_pkce);
	assert_true(client->require_consent);
	assert_true(client->iss_in_error_responses);
	assert_false(client->auth_method_strict);
	assert_int_equal(client->default_max_age_s, -1);
	assert_true(client_confidential(client));
	assert_true(str_list_has(&client->scopes, "openid"));
	assert_true(str_list_has(&client->scopes, "address"));
	assert_true(str_list_has(&client->scopes, "national_id"));
	assert_true(str_list_has(&client->scopes, "offline_access"));
	assert_true(grant_type_registered(client, GRANT_refresh_token));
	client_free(client);
}

/* The national ID is never given unasked: nobody registered it, and no citizen is asked. */
static void without_consent_the_national_id_must_be_registered(void **state)
{
	const struct client *client =
		oidc_client(*state, "{" BASE "," REDIRECT ",\"require_consent\":false}");
	assert_true(str_list_has(&client->scopes, "address"));
	assert_false(str_list_has(&client->scopes, "national_id"));
	assert_false(str_list_has(&client->scopes, "offline_access"));
	client_free(client);
	client = oidc_client(
		*state, "{" BASE "," REDIRECT ",\"grant_types\":[\"authorization_code\"]}");
	assert_false(str_list_has(&client->scopes, "offline_access"));
	client_free(client);
}

static void a_client_without_a_name_is_called_by_its_id(void **state)
{
	const struct client *client = oidc_client(*state, "{\"client_id\":\"rd\"," REDIRECT "}");
	assert_string_equal(client->name, "rd");
	assert_string_equal(client->name_th, "rd");
	client_free(client);
}

static void reads_every_member(void **state)
{
	const struct client *client = oidc_client(*state,
		"{" BASE ",\"client_name#th\":\"สรรพากร\",\"client_name#en\":\"Revenue Dept\","
		"\"client_uri\":\"https://rd.example/\",\"logo_uri\":\"https://rd.example/l.png\","
		"\"purpose#th\":\"เพื่อยื่นภาษี\",\"purpose\":\"To file taxes\","
		"\"policy_uri\":\"https://rd.example/p\",\"tos_uri\":\"https://rd.example/t\","
		"\"redirect_uris\":[\"https://a.example/cb?x=1\",\"https://b.example/cb\"],"
		"\"post_logout_redirect_uris\":[\"https://a.example/bye\"],"
		"\"token_endpoint_auth_method\":\"private_key_jwt\","
		"\"token_endpoint_auth_signing_alg\":\"PS256\","
		"\"token_endpoint_auth_method_strict\":true,"
		"\"jwks\":{\"keys\":[" JWK_EC "},{\"kty\":\"RSA\",\"use\":\"enc\"}]},"
		"\"id_token_signed_response_alg\":\"ES256\",\"subject_type\":\"pairwise\","
		"\"access_token_signed_response_alg\":\"PS256\","
		"\"sector_identifier_uri\":\"https://sector.example/uris\","
		"\"application_type\":\"web\",\"scope\":\"openid national_id offline_access\","
		"\"grant_types\":[\"authorization_code\",\"refresh_token\"],"
		"\"response_types\":[\"code\"],\"contacts\":[\"x@rd.example\"],"
		"\"software_id\":\"s\",\"software_version\":\"1\",\"require_pkce\":true,"
		"\"require_consent\":false,\"default_max_age\":600,\"require_auth_time\":true,"
		"\"initiate_login_uri\":\"https://rd.example/"
		"login\",\"iss_in_error_responses\":false}");
	assert_string_equal(client->name_th, "สรรพากร");
	assert_string_equal(client->purpose_th, "เพื่อยื่นภาษี");
	assert_string_equal(client->purpose_en, "To file taxes");
	assert_string_equal(client->name_en, "Revenue Dept");
	assert_string_equal(client->sector, "sector.example");
	assert_int_equal(client->keys.n, 1);
	assert_int_equal(client->assertion_algs, 1u << JOSE_PS256);
	assert_int_equal(client->id_token_alg, JOSE_ES256);
	assert_int_equal(client->access_token_alg, JOSE_PS256);
	assert_true(grant_type_registered(client, GRANT_refresh_token));
	assert_true(client->require_pkce && client->require_auth_time);
	assert_false(client->require_consent);
	assert_false(client->iss_in_error_responses);
	assert_true(client->auth_method_strict);
	assert_int_equal(client->default_max_age_s, 600);
	assert_true(client_has_redirect_uri(client, "https://a.example/cb?x=1"));
	assert_false(client_has_redirect_uri(client, "https://a.example/cb?x=1&y"));
	assert_false(client_has_redirect_uri(client, "https://A.example/cb?x=1"));
	assert_false(client_has_redirect_uri(client, "https://a.example/cb"));
	assert_false(client_has_redirect_uri(client, NULL));
	assert_true(client_has_post_logout_redirect_uri(client, "https://a.example/bye"));
	assert_false(client_has_post_logout_redirect_uri(client, "https://a.example/cb?x=1"));
	client_free(client);
}

/* A part of a URI must not pass for a registered one. */
static void uris_that_are_cut_say_so(void **state)
{
	const char *uri = arena_printf(*state, "https://rd.example/%0*d", CLIENT_URIS_SHOWN_MAX, 0);
	struct str_list uris = {&uri, 1};
	const char *text = client_uris_text(*state, &uris);
	assert_int_equal(strlen(text), CLIENT_URIS_SHOWN_MAX + strlen("..."));
	assert_string_equal(text + CLIENT_URIS_SHOWN_MAX, "...");
	uri = arena_strndup(*state, uri, CLIENT_URIS_SHOWN_MAX);
	assert_string_equal(client_uris_text(*state, &uris), uri);
	assert_string_equal(client_uris_text(*state, &(struct str_list){NULL, 0}), "none");
}

static void a_public_client_always_needs_pkce(void **state)
{
	const struct client *client = oidc_client(*state,
		"{" BASE ",\"redirect_uris\":[\"th.go.rd:/cb\",\"http://127.0.0.1:7777/cb\"],"
		"\"application_type\":\"native\",\"token_endpoint_auth_method\":\"none\","
		"\"sector_identifier_uri\":\"https://rd.example/s\"}");
	assert_true(client->require_pkce);
	assert_false(client_confidential(client));
	client_free(client);
}

#define NATIVE "\"application_type\":\"native\",\"token_endpoint_auth_method\":\"none\""

static void a_native_client_has_any_port_of_a_loopback_host(void **state)
{
	const char *uris = "\"redirect_uris\":[\"http://127.0.0.1/cb\"],"
			   "\"post_logout_redirect_uris\":[\"http://127.0.0.1/bye\"]";
	const char *native = arena_printf(*state, "{" BASE ",%s," NATIVE "}", uris);
	const char *web = arena_printf(*state, "{" BASE ",%s}", uris);
	const struct client *client = oidc_client(*state, native);
	assert_true(client_has_redirect_uri(client, "http://127.0.0.1/cb"));
	assert_true(client_has_redirect_uri(client, "http://127.0.0.1:51004/cb"));
	assert_false(client_has_redirect_uri(client, "http://127.0.0.1:51004/other"));
	assert_false(client_has_redirect_uri(client, "http://localhost:51004/cb"));
	assert_true(client_has_post_logout_redirect_uri(client, "http://127.0.0.1:51004/bye"));
	assert_false(client_has_post_logout_redirect_uri(client, "http://127.0.0.1:51004/cb"));
	assert_false(client_has_post_logout_redirect_uri(client, NULL));
	client_free(client);
	client = oidc_client(*state, web);
	assert_true(client_has_redirect_uri(client, "http://127.0.0.1/cb"));
	assert_false(client_has_redirect_uri(client, "http://127.0.0.1:51004/cb"));
	assert_true(client_has_post_logout_redirect_uri(client, "http://127.0.0.1/bye"));
	assert_false(client_has_post_logout_redirect_uri(client, "http://127.0.0.1:51004/bye"));
	client_free(client);
}

/* OpenID Connect Core s8.1: a scheme of its own is one sector, and never a host's. */
static void one_private_scheme_is_a_sector(void **state)
{
	const struct client *client = oidc_client(*state,
		"{" BASE ",\"redirect_uris\":[\"th.go.rd:/cb\",\"th.go.rd:/other\"]," NATIVE "}");
	assert_string_equal(client->sector, "th.go.rd:");
	client_free(client);
}

static const struct {
	const char *metadata, *path;
} faults[] = {
	{"{" BASE ",\"redirect_uris\":[\"th.go.rd:/cb\",\"th.go.other:/cb\"]," NATIVE "}",
		"sector_identifier_uri"},
	{"{" BASE ",\"redirect_uris\":[\"th.go.rd:/cb\",\"https://th.go.rd/cb\"]," NATIVE "}",
		"sector_identifier_uri"},
	{"{" BASE "," REDIRECT ",\"client_secret\":\"x\"}", "client_secret"},
	{"{" BASE "," REDIRECT ",\"unheard_of\":1}", "unheard_of"},
	{"{" REDIRECT ",\"client_name\":\"x\"}", "client_id"},
	{"{" REDIRECT ",\"client_id\":\"a b\",\"client_name\":\"x\"}", "client_id"},
	{"{" REDIRECT ",\"client_id\":\"\",\"client_name\":\"x\"}", "client_id"},
	{"{" REDIRECT ",\"client_id\":7,\"client_name\":\"x\"}", "client_id"},
	{"{" BASE "}", "redirect_uris"},
	{"{" BASE ",\"redirect_uris\":[]}", "redirect_uris"},
	{"{" BASE ",\"redirect_uris\":\"https://rd.example/cb\"}", "redirect_uris"},
	{"{" BASE ",\"redirect_uris\":[\"https://a.example/\",7]}", "redirect_uris[1]"},
	{"{" BASE ",\"redirect_uris\":[\"https://a.example/\",\"https://a.example/\"]}",
		"redirect_uris[1]"},
	{"{" BASE ",\"redirect_uris\":[\"http://rd.example/cb\"]}", "redirect_uris[0]"},
	{"{" BASE ",\"redirect_uris\":[\"https://rd.example/cb#f\"]}", "redirect_uris[0]"},
	{"{" BASE ",\"redirect_uris\":[\"https://u@rd.example/cb\"]}", "redirect_uris[0]"},
	{"{" BASE ",\"redirect_uris\":[\"https://*.example/cb\"]}", "redirect_uris[0]"},
	{"{" BASE ",\"redirect_uris\":[\"/cb\"]}", "redirect_uris[0]"},
	{"{" BASE ",\"redirect_uris\":[\"javascript:alert(1)\"],\"application_type\":\"native\"}",
		"redirect_uris[0]"},
	{"{" BASE ",\"redirect_uris\":[\"th.go.rd:/cb\"]}", "redirect_uris[0]"},
	{"{" BASE "," REDIRECT ",\"post_logout_redirect_uris\":[\"http://x.example/\"]}",
		"post_logout_redirect_uris[0]"},
	{"{" BASE ",\"redirect_uris\":[\"https://a.example/\",\"https://b.example/\"]}",
		"sector_identifier_uri"},
	{"{" BASE "," REDIRECT ",\"sector_identifier_uri\":\"http://a.example/\"}",
		"sector_identifier_uri"},
	{"{" BASE "," REDIRECT ",\"token_endpoint_auth_method\":\"client_secret_jwt\"}",
		"token_endpoint_auth_method"},
	{"{" BASE "," REDIRECT ",\"token_endpoint_auth_method\":\"private_key_jwt\"}", "jwks"},
	{"{" BASE "," REDIRECT ",\"jwks_uri\":\"https://rd.example/jwks\"}", "jwks_uri"},
	{"{" BASE "," REDIRECT ",\"jwks\":{\"keys\":[]}}", "jwks"},
	{"{" BASE "," REDIRECT ",\"jwks\":{\"keys\":[" JWK_EC ",\"d\":\"x\"}]}}", "jwks.keys[0]"},
	{"{" BASE "," REDIRECT ",\"jwks\":{\"keys\":[" JWK_EC "},{\"kty\":\"oct\",\"k\":\"eA\"}]}}",
		"jwks.keys[1]"},
	{"{" BASE "," REDIRECT ",\"id_token_signed_response_alg\":\"none\"}",
		"id_token_signed_response_alg"},
	{"{" BASE "," REDIRECT ",\"id_token_signed_response_alg\":\"HS256\"}",
		"id_token_signed_response_alg"},
	{"{" BASE "," REDIRECT ",\"subject_type\":\"both\"}", "subject_type"},
	{"{" BASE "," REDIRECT ",\"scope\":\"profile\"}", "scope"},
	{"{" BASE "," REDIRECT ",\"scope\":\"openid everything\"}", "scope"},
	{"{" BASE "," REDIRECT
	 ",\"scope\":\"openid offline_access\",\"grant_types\":[\"authorization_code\"]}",
		"scope"},
	{"{" BASE "," REDIRECT ",\"grant_types\":[\"implicit\"]}", "grant_types"},
	{"{" BASE "," REDIRECT ",\"grant_types\":[\"refresh_token\"]}", "grant_types"},
	{"{" BASE "," REDIRECT ",\"response_types\":[\"id_token\"]}", "response_types"},
	{"{" BASE "," REDIRECT ",\"default_max_age\":-1}", "default_max_age"},
	{"{" BASE "," REDIRECT ",\"default_max_age\":\"60\"}", "default_max_age"},
	{"{" BASE "," REDIRECT ",\"require_pkce\":\"yes\"}", "require_pkce"},
	{"{" BASE "," REDIRECT ",\"require_pkce\":false,\"token_endpoint_auth_method\":\"none\"}",
		"require_pkce"},
	{"[]", "client"},
};

static void names_the_path_of_every_fault(void **state)
{
	for (size_t i = 0; i < COUNT(faults); i++) {
		AUTO_JSON json_t *metadata = oidc_json(faults[i].metadata);
		struct client_fault fault = {0};
		const struct client *client = NULL;
		assert_err(client_parse(*state, metadata, &client, &fault), ERR_FORMAT);
		assert_null(client);
		assert_string_equal(fault.path, faults[i].path);
		oidc_assert_description(fault.text);
		assert_err(client_parse(*state, metadata, &client, NULL), ERR_FORMAT);
	}
}

static void a_fault_shows_nothing_of_a_private_key(void **state)
{
	AUTO_JSON json_t *metadata = oidc_json(
		"{" BASE "," REDIRECT ",\"jwks\":{\"keys\":[" JWK_EC ",\"d\":\"c2VjcmV0\"}]}}");
	struct client_fault fault = {0};
	const struct client *client = NULL;
	assert_err(client_parse(*state, metadata, &client, &fault), ERR_FORMAT);
	assert_null(strstr(fault.text, "c2VjcmV0"));
}

static void names_the_member_that_was_meant(void **state)
{
	static const struct {
		const char *member, *text;
	} rows[] = {
		{"redirect_uri", "is not a member that is known here; did you mean redirect_uris?"},
		{"client_secert",
			"is not a member that is known here; did you mean client_secret?"},
		{"colour", "is not a member that is known here"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_JSON json_t *metadata = oidc_json("{" BASE "," REDIRECT "}");
		json_put(metadata, rows[i].member, "x");
		struct client_fault fault = {0};
		const struct client *client = NULL;
		assert_err(client_parse(*state, metadata, &client, &fault), ERR_FORMAT);
		assert_string_equal(fault.path, rows[i].member);
		assert_string_equal(fault.text, rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			defaults_are_those_of_registration, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(without_consent_the_national_id_must_be_registered,
			oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			a_client_without_a_name_is_called_by_its_id, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(reads_every_member, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			uris_that_are_cut_say_so, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			a_public_client_always_needs_pkce, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			a_native_client_has_any_port_of_a_loopback_host, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			one_private_scheme_is_a_sector, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			names_the_path_of_every_fault, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			names_the_member_that_was_meant, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			a_fault_shows_nothing_of_a_private_key, oidc_setup, oidc_teardown),
	};
	return cmocka_run_group_tests_name("oidc/client", tests, NULL, NULL);
}
