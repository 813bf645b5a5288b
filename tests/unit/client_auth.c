/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/oidc.h"
#include "idp/base/crypto.h"
#include "oidc/client_auth.h"

#define SECRET_CLIENT \
	"{\"client_id\":\"s6BhdRkqt3\",\"client_name\":\"x\"," \
	"\"redirect_uris\":[\"https://rp.example/cb\"],\"token_endpoint_auth_method\":\"%s\"}"
#define ASSERTION_TYPE "client_assertion_type=" CLIENT_AUTH_ASSERTION_TYPE
/* sub s6BhdRkqt3; no signature is looked at while reading. */
#define ASSERTION "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJzNkJoZFJrcXQzIn0.AAAA"

static struct error read_it(struct arena *arena, const char *authorization, const char *form,
	struct client_auth_presented *out)
{
	const struct client_auth_input in = {authorization, oidc_form(arena, form)};
	return client_auth_read(arena, &in, out);
}

/* RFC 6749 s2.3.1 prints this header. */
static void reads_the_basic_header_of_rfc_6749(void **state)
{
	struct client_auth_presented got;
	struct error error =
		read_it(*state, "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW", "grant_type=x", &got);
	assert_int_equal(error.code, ERROR_NONE);
	assert_int_equal(got.method, CLIENT_AUTH_BASIC);
	assert_string_equal(got.client_id, "s6BhdRkqt3");
	assert_string_equal(got.secret, "gX1fBat3bV");
}

static void basic_parts_are_form_decoded(void **state)
{
	struct client_auth_presented got;
	/* base64 of  a%3Ab+c:p%25+%C3%A9:q  */
	struct error error = read_it(*state, "basic  YSUzQWIrYzpwJTI1KyVDMyVBOTpx", "", &got);
	assert_int_equal(error.code, ERROR_NONE);
	assert_string_equal(got.client_id, "a:b c");
	assert_string_equal(got.secret, "p% \xc3\xa9:q");
}

static void refuses_a_broken_basic_header(void **state)
{
	static const char *const rows[] = {"Basic", "Basic ", "Basic !!!!", "Bearer abc",
		"Basic czZCaGRSa3F0Mw==" /* no colon */, "Basic OnNlY3JldA==" /* no client_id */,
		"Basic YSUwMDp4" /* a%00:x */, "Basic YQA6eA==" /* a NUL */,
		"Basic YSV6ejp4" /* a%zz:x */, "Basic YTolRkY=" /* a:%FF */,
		"Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW=", "Basicx czZCaGRSa3F0MzpnWDFmQmF0M2JW",
		"Digest username=x"};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct client_auth_presented got;
		struct error error = read_it(*state, rows[i], "", &got);
		assert_int_equal(error.code, ERROR_INVALID_CLIENT);
		oidc_assert_description(error.description);
	}
}

static void reads_the_other_methods(void **state)
{
	struct client_auth_presented got;
	assert_int_equal(
		read_it(*state, NULL, "client_id=a&client_secret=b", &got).code, ERROR_NONE);
	assert_int_equal(got.method, CLIENT_AUTH_POST);
	assert_string_equal(got.secret, "b");
	assert_int_equal(read_it(*state, NULL, "client_id=a", &got).code, ERROR_NONE);
	assert_int_equal(got.method, CLIENT_AUTH_NONE);
	assert_null(got.secret);
	assert_int_equal(
		read_it(*state, NULL, "client_id=a&client_secret=", &got).code, ERROR_NONE);
	assert_int_equal(got.method, CLIENT_AUTH_NONE);
	assert_int_equal(
		read_it(*state, NULL, ASSERTION_TYPE "&client_assertion=" ASSERTION, &got).code,
		ERROR_NONE);
	assert_int_equal(got.method, CLIENT_AUTH_PRIVATE_KEY_JWT);
	assert_string_equal(got.client_id, "s6BhdRkqt3");
}

static void refuses_two_methods_at_once(void **state)
{
	static const struct {
		const char *authorization, *form;
	} rows[] = {
		{"Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW", "client_id=s6BhdRkqt3&client_secret=x"},
		{"Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW", "client_secret=x"},
		{"Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW",
			ASSERTION_TYPE "&client_assertion=" ASSERTION},
		{"Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW", "client_id=other"},
		{NULL, "client_id=s6BhdRkqt3&client_secret=x&client_assertion=" ASSERTION},
		{NULL, "client_id=other&" ASSERTION_TYPE "&client_assertion=" ASSERTION},
		{NULL, "client_assertion=" ASSERTION},
		{NULL, "client_assertion_type=other&client_assertion=" ASSERTION},
		{NULL, ASSERTION_TYPE},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct client_auth_presented got;
		struct error error = read_it(*state, rows[i].authorization, rows[i].form, &got);
		assert_int_equal(error.code, ERROR_INVALID_REQUEST);
		oidc_assert_description(error.description);
	}
}

static void refuses_nothing_and_no_jwt(void **state)
{
	static const char *const rows[] = {"", "grant_type=authorization_code", "client_secret=x",
		ASSERTION_TYPE "&client_assertion=x", ASSERTION_TYPE "&client_assertion=a.b.c",
		/* {"sub":7} and {} */
		ASSERTION_TYPE "&client_assertion=eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOjd9.AAAA",
		ASSERTION_TYPE "&client_assertion=eyJhbGciOiJFUzI1NiJ9.e30.AAAA"};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct client_auth_presented got;
		if (read_it(*state, NULL, rows[i], &got).code != ERROR_INVALID_CLIENT)
			fail_msg("%s", rows[i]);
	}
}

struct world {
	const struct client *client;
	uint8_t hash[SHA256_LEN];
	struct client_auth_facts facts;
};

static const char *const no_urls[] = {NULL};

static struct world *world(struct arena *arena, const char *method)
{
	struct world *made = ARENA_NEW(arena, struct world);
	made->client = oidc_client(arena, arena_printf(arena, SECRET_CLIENT, method));
	crypto_sha256("gX1fBat3bV", 10, made->hash);
	made->facts = (struct client_auth_facts){.client = made->client,
		.secret_hash = {made->hash, SHA256_LEN},
		.issuer = "https://idp.example",
		.audiences = no_urls,
		.now_s = 1000};
	return made;
}

static void takes_the_right_secret_only(void **state)
{
	struct world *w = world(*state, "client_secret_post");
	static const char *const wrong[] = {"", "gX1fBat3b", "gX1fBat3bVV", "gX1fBat3bv"};
	struct client_auth_presented got = {
		CLIENT_AUTH_POST, "s6BhdRkqt3", "gX1fBat3bV", NULL, NULL};
	assert_int_equal(client_auth_decide(*state, &got, &w->facts).error.code, ERROR_NONE);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		got.secret = wrong[i];
		struct client_auth_decision decision = client_auth_decide(*state, &got, &w->facts);
		assert_int_equal(decision.error.code, ERROR_INVALID_CLIENT);
		assert_string_equal(decision.reason, "wrong_secret");
	}
	client_free(w->client);
}

/* Authlib, for one, sends a base64 secret as it stands: a plus must not become a space. */
static void a_secret_that_was_not_encoded_fits_too(void **state)
{
	/* base64 of s6BhdRkqt3: and each form of the secret */
	static const struct {
		const char *authorization;
		bool good;
	} rows[] = {
		{"Basic czZCaGRSa3F0MzphK2IvYz0=", true}, /* a+b/c= */
		{"Basic czZCaGRSa3F0MzphJTJCYiUyRmMlM0Q=", true}, /* a%2Bb%2Fc%3D */
		{"Basic czZCaGRSa3F0MzphIGIvYz0=", false}, /* a b/c= */
		{"Basic czZCaGRSa3F0MzphJTI1MkJiL2M9", false}, /* a%252Bb/c= */
	};
	struct world *w = world(*state, "client_secret_basic");
	crypto_sha256("a+b/c=", 6, w->hash);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct client_auth_presented got;
		assert_int_equal(read_it(*state, rows[i].authorization, "", &got).code, ERROR_NONE);
		enum error_code code = client_auth_decide(*state, &got, &w->facts).error.code;
		assert_int_equal(code, rows[i].good ? ERROR_NONE : ERROR_INVALID_CLIENT);
	}
	client_free(w->client);
}

/* While a secret is changed, the one before it is good too. */
static void the_former_secret_fits_where_it_is_given(void **state)
{
	struct world *w = world(*state, "client_secret_basic");
	uint8_t former[SHA256_LEN];
	crypto_sha256("former", 6, former);
	struct client_auth_presented got = {CLIENT_AUTH_BASIC, "s6BhdRkqt3", "former", NULL, NULL};
	assert_string_equal(client_auth_decide(*state, &got, &w->facts).reason, "wrong_secret");
	w->facts.former_hash = (struct bytes){former, SHA256_LEN};
	assert_int_equal(client_auth_decide(*state, &got, &w->facts).error.code, ERROR_NONE);
	got.secret = "gX1fBat3bV";
	assert_int_equal(client_auth_decide(*state, &got, &w->facts).error.code, ERROR_NONE);
	got.secret = "another";
	assert_string_equal(client_auth_decide(*state, &got, &w->facts).reason, "wrong_secret");
	client_free(w->client);
}

static void unknown_and_wrong_secret_answer_alike(void **state)
{
	struct world *w = world(*state, "client_secret_basic");
	struct client_auth_presented got = {CLIENT_AUTH_BASIC, "s6BhdRkqt3", "wrong", NULL, NULL};
	struct client_auth_decision wrong = client_auth_decide(*state, &got, &w->facts);
	w->facts.client = NULL;
	w->facts.secret_hash = (struct bytes){0};
	struct client_auth_decision unknown = client_auth_decide(*state, &got, &w->facts);
	assert_int_equal(unknown.error.code, wrong.error.code);
	assert_string_equal(unknown.error.description, wrong.error.description);
	assert_string_equal(unknown.reason, "unknown_client");
	client_free(w->client);
}

static void a_client_without_stored_secret_has_none(void **state)
{
	struct world *w = world(*state, "client_secret_basic");
	struct client_auth_presented got = {CLIENT_AUTH_BASIC, "s6BhdRkqt3", "", NULL, NULL};
	w->facts.secret_hash = (struct bytes){0};
	assert_int_equal(
		client_auth_decide(*state, &got, &w->facts).error.code, ERROR_INVALID_CLIENT);
	memset(w->hash, 0, sizeof(w->hash));
	w->facts.secret_hash = (struct bytes){w->hash, 16};
	assert_int_equal(
		client_auth_decide(*state, &got, &w->facts).error.code, ERROR_INVALID_CLIENT);
	client_free(w->client);
}

/* RFC 6749 s2.3.1: one secret, two places for it; strict holds a client to the registered one. */
static void header_and_form_are_interchangeable_unless_strict(void **state)
{
	static const struct {
		const char *method;
		enum client_auth_method presented;
	} rows[] = {{"client_secret_basic", CLIENT_AUTH_POST},
		{"client_secret_post", CLIENT_AUTH_BASIC}};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world *w = world(*state, rows[i].method);
		struct client strict = *w->client;
		struct client_auth_presented got = {
			rows[i].presented, "s6BhdRkqt3", "gX1fBat3bV", NULL, NULL};
		assert_int_equal(
			client_auth_decide(*state, &got, &w->facts).error.code, ERROR_NONE);
		got.secret = "another";
		assert_int_equal(client_auth_decide(*state, &got, &w->facts).error.code,
			ERROR_INVALID_CLIENT);
		got.secret = "gX1fBat3bV";
		strict.auth_method_strict = true;
		w->facts.client = &strict;
		assert_string_equal(
			client_auth_decide(*state, &got, &w->facts).reason, "wrong_method");
		client_free(w->client);
	}
}

static void only_the_registered_method_counts(void **state)
{
	static const char *const methods[] = {"client_secret_basic", "client_secret_post", "none"};
	static const enum client_auth_method codes[] = {
		CLIENT_AUTH_BASIC, CLIENT_AUTH_POST, CLIENT_AUTH_NONE};
	for (size_t i = 0; i < COUNT(methods); i++) {
		struct world *w = world(*state, methods[i]);
		for (size_t j = 0; j < COUNT(codes); j++) {
			struct client_auth_presented got = {
				codes[j], "s6BhdRkqt3", "gX1fBat3bV", NULL, NULL};
			struct client_auth_decision decision =
				client_auth_decide(*state, &got, &w->facts);
			const bool secrets =
				codes[i] != CLIENT_AUTH_NONE && codes[j] != CLIENT_AUTH_NONE;
			const bool good = i == j || secrets;
			assert_int_equal(
				decision.error.code, good ? ERROR_NONE : ERROR_INVALID_CLIENT);
			if (!good)
				assert_string_equal(decision.reason, "wrong_method");
		}
		client_free(w->client);
	}
}

static void an_unknown_public_client_is_refused(void **state)
{
	struct world *w = world(*state, "none");
	struct client_auth_presented got = {CLIENT_AUTH_NONE, "other", NULL, NULL, NULL};
	w->facts.client = NULL;
	assert_int_equal(
		client_auth_decide(*state, &got, &w->facts).error.code, ERROR_INVALID_CLIENT);
	client_free(w->client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			reads_the_basic_header_of_rfc_6749, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			basic_parts_are_form_decoded, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			refuses_a_broken_basic_header, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			a_secret_that_was_not_encoded_fits_too, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(reads_the_other_methods, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			refuses_two_methods_at_once, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			refuses_nothing_and_no_jwt, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			takes_the_right_secret_only, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			the_former_secret_fits_where_it_is_given, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			unknown_and_wrong_secret_answer_alike, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			a_client_without_stored_secret_has_none, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(header_and_form_are_interchangeable_unless_strict,
			oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			only_the_registered_method_counts, oidc_setup, oidc_teardown),
		cmocka_unit_test_setup_teardown(
			an_unknown_public_client_is_refused, oidc_setup, oidc_teardown),
	};
	return cmocka_run_group_tests_name("oidc/client_auth", tests, NULL, NULL);
}
