/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "oidc/claims.h"

struct rig {
	struct arena *arena;
	struct claims_grant grant;
};

static int setup(void **state)
{
	struct rig *rig = calloc(1, sizeof *rig);
	rig->arena = arena_new();
	*state = rig;
	return 0;
}

static int teardown(void **state)
{
	struct rig *rig = *state;
	arena_free(rig->arena);
	free(rig);
	return 0;
}

static bool parse(struct rig *rig, const char *text)
{
	const char *fault = NULL;
	rig->grant.request = (struct claims_request){0};
	bool good = claims_parse(rig->arena, text, &rig->grant.request, &fault);
	assert_true(good == (fault == NULL));
	return good;
}

static void grant(struct rig *rig, const char *scope, const char *claims)
{
	rig->grant.scope = str_split(rig->arena, scope, ' ');
	assert_true(parse(rig, claims));
}

static const char *const stored_text =
	"{\"name\":\"Somchai\",\"name#th\":\"สมชาย\",\"given_name\":\"\",\"family_name\":null,"
	"\"email\":\"s@example.org\",\"email_verified\":false,\"sub\":\"stolen\",\"acr\":"
	"\"stolen\","
	"\"national_id\":\"stolen\",\"address\":{\"country\":\"TH\"},\"shoe_size\":43}";

/* What claims_put makes, as text. */
static const char *put(struct rig *rig, enum claims_place place, const char *national_id)
{
	json_t *stored = json_loads(stored_text, 0, NULL), *out = json_object();
	struct claims_source source = {stored, national_id, 7};
	claims_put(out, place, &rig->grant, &source);
	const char *text = json_text(rig->arena, out);
	json_decref(out);
	json_decref(stored);
	return text;
}

/* OIDC Core s5.5 */
static void the_parameter_is_taken_or_refused_whole(void **state)
{
	struct rig *rig = *state;
	static const char *const good[] = {"{}", "{\"userinfo\":{}}", "{\"id_token\":null}",
		"{\"userinfo\":{\"name\":null,\"email\":{},\"x\":{\"essential\":true}}}",
		"{\"id_token\":{\"acr\":{\"essential\":true,\"values\":[\"a\",\"b\"]}}}",
		"{\"id_token\":{\"acr\":{\"value\":\"a\",\"unheard\":[1]}},\"unheard\":7}"};
	static const char *const bad[] = {"", "[]", "null", "\"x\"", "{", "{}x", "{\"userinfo\":1}",
		"{\"userinfo\":[]}", "{\"userinfo\":{\"name\":true}}",
		"{\"userinfo\":{\"name\":{\"essential\":\"yes\"}}}",
		"{\"userinfo\":{\"unheard_of\":5}}", "{\"id_token\":{\"acr\":{\"values\":\"a\"}}}",
		"{\"id_token\":{\"name\":null,\"name\":null}}"};
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(parse(rig, good[i]));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(parse(rig, bad[i]));
}

static void bounds_hold(void **state)
{
	struct rig *rig = *state;
	struct buf many = buf_new(rig->arena), values = buf_new(rig->arena);
	buf_puts(&many, "{\"userinfo\":{\"name\":null");
	for (int i = 1; i < CLAIMS_ASKS_MAX; i++)
		buf_printf(&many, ",\"name#x%d\":null", i);
	assert_true(parse(rig, arena_printf(rig->arena, "%s}}", many.text)));
	assert_false(parse(rig, arena_printf(rig->arena, "%s,\"email\":null}}", many.text)));
	for (int i = 0; i < CLAIMS_VALUES_MAX; i++)
		buf_printf(&values, "%s\"v%d\"", i ? "," : "", i);
	assert_true(parse(rig, arena_printf(rig->arena,
				       "{\"id_token\":{\"acr\":{\"values\":[%s]}}}", values.text)));
	assert_false(parse(
		rig, arena_printf(rig->arena, "{\"id_token\":{\"acr\":{\"values\":[%s,\"x\"]}}}",
			     values.text)));
	char *blank = arena_alloc(rig->arena, CLAIMS_TEXT_MAX + 2);
	memset(blank, ' ', CLAIMS_TEXT_MAX + 1);
	memcpy(blank, "{}", 2);
	assert_false(parse(rig, blank));
	blank[CLAIMS_TEXT_MAX] = '\0';
	assert_true(parse(rig, blank));
}

static void what_is_unknown_is_dropped(void **state)
{
	struct rig *rig = *state;
	assert_true(parse(rig,
		"{\"userinfo\":{\"shoe_size\":null,\"iss\":null,\"name#\":null,\"name#t_h\":null,"
		"\"name#th-TH\":null,\"sub#th\":null}}"));
	assert_int_equal(rig->grant.request.place[CLAIMS_USERINFO].n, 1);
	assert_non_null(claims_find(&rig->grant.request, CLAIMS_USERINFO, "name#th-TH"));
}

static void essential_and_values_are_read(void **state)
{
	struct rig *rig = *state;
	assert_true(parse(rig,
		"{\"id_token\":{\"acr\":{\"essential\":true,\"value\":\"a\",\"values\":[\"b\",1]},"
		"\"sub\":{\"value\":\"s\"}}}"));
	const struct claims_ask *acr = claims_find(&rig->grant.request, CLAIMS_ID_TOKEN, "acr");
	assert_true(acr->essential);
	assert_int_equal(acr->values.n, 2);
	assert_true(str_list_has(&acr->values, "a") && str_list_has(&acr->values, "b"));
	const struct claims_ask *sub = claims_find(&rig->grant.request, CLAIMS_ID_TOKEN, "sub");
	assert_false(sub->essential);
	assert_string_equal(sub->values.items[0], "s");
	assert_null(claims_find(&rig->grant.request, CLAIMS_USERINFO, "acr"));
}

static void a_request_survives_its_json(void **state)
{
	struct rig *rig = *state;
	const char *fault = NULL;
	struct claims_request again;
	assert_true(parse(rig, "{\"userinfo\":{\"email\":{\"essential\":true},\"name#th\":null},"
			       "\"id_token\":{\"acr\":{\"values\":[\"a\"]}}}"));
	json_t *first = claims_to_json(&rig->grant.request);
	assert_string_equal(json_text(rig->arena, first),
		"{\"id_token\":{\"acr\":{\"values\":[\"a\"]}},"
		"\"userinfo\":{\"email\":{\"essential\":true},\"name#th\":null}}");
	assert_true(claims_from_json(rig->arena, first, &again, &fault));
	json_t *second = claims_to_json(&again);
	assert_string_equal(json_text(rig->arena, first), json_text(rig->arena, second));
	assert_true(claims_from_json(rig->arena, NULL, &again, &fault));
	assert_int_equal(again.place[CLAIMS_USERINFO].n, 0);
	json_decref(first);
	json_decref(second);
}

static void a_client_asks_only_within_its_scopes(void **state)
{
	struct rig *rig = *state;
	struct str_list scopes = str_split(rig->arena, "openid email", ' ');
	assert_true(parse(rig, "{\"id_token\":{\"acr\":null,\"email\":null,\"name#th\":null,"
			       "\"national_id\":null}}"));
	struct claims_request cut = claims_permitted(rig->arena, &rig->grant.request, &scopes);
	assert_int_equal(cut.place[CLAIMS_ID_TOKEN].n, 2);
	assert_non_null(claims_find(&cut, CLAIMS_ID_TOKEN, "acr"));
	assert_non_null(claims_find(&cut, CLAIMS_ID_TOKEN, "email"));
}

static void names_are_told_once_and_in_order(void **state)
{
	struct rig *rig = *state;
	grant(rig, "openid email",
		"{\"id_token\":{\"acr\":null,\"name\":null,\"email\":null},"
		"\"userinfo\":{\"name\":null,\"national_id\":null}}");
	struct str_list names = claims_names(rig->arena, &rig->grant);
	assert_string_equal(
		str_join(rig->arena, &names, " "), "email email_verified name national_id");
	struct str_list beyond = claims_beyond_scope(rig->arena, &rig->grant);
	assert_string_equal(str_join(rig->arena, &beyond, " "), "name national_id");
}

/* OIDC Core s5.4: the claims of scopes go to UserInfo, not to the ID token of a code flow. */
static void scopes_fill_userinfo_alone(void **state)
{
	struct rig *rig = *state;
	grant(rig, "openid profile email address", "{}");
	assert_string_equal(put(rig, CLAIMS_USERINFO, NULL),
		"{\"name\":\"Somchai\",\"updated_at\":7,\"email\":\"s@example.org\","
		"\"email_verified\":false,\"address\":{\"country\":\"TH\"}}");
	assert_string_equal(put(rig, CLAIMS_ID_TOKEN, NULL), "{}");
	grant(rig, "openid", "{}");
	assert_string_equal(put(rig, CLAIMS_USERINFO, "1"), "{}");
}

static void the_parameter_fills_each_place_for_itself(void **state)
{
	struct rig *rig = *state;
	grant(rig, "openid",
		"{\"id_token\":{\"email\":null,\"family_name\":{\"essential\":true}},"
		"\"userinfo\":{\"name#th\":null,\"name#en\":null}}");
	assert_string_equal(put(rig, CLAIMS_ID_TOKEN, NULL), "{\"email\":\"s@example.org\"}");
	assert_string_equal(put(rig, CLAIMS_USERINFO, NULL), "{\"name#th\":\"สมชาย\"}");
}

static void protocol_claims_never_come_from_the_citizen(void **state)
{
	struct rig *rig = *state;
	grant(rig, "openid",
		"{\"id_token\":{\"sub\":null,\"acr\":null,\"auth_time\":null},"
		"\"userinfo\":{\"sub\":null,\"shoe_size\":null}}");
	assert_string_equal(put(rig, CLAIMS_ID_TOKEN, NULL), "{}");
	assert_string_equal(put(rig, CLAIMS_USERINFO, NULL), "{}");
}

/* What is offered is what UserInfo will hold: OIDC Core s5.3.2. */
static void a_claim_without_a_value_is_not_offered(void **state)
{
	struct rig *rig = *state;
	AUTO_JSON json_t *stored =
		json_loads("{\"name\":\"A\",\"nickname\":\"\",\"website\":null,\"address\":{},"
			   "\"email_verified\":false}",
			0, NULL);
	grant(rig, "openid profile email address", "{}");
	struct str_list offered = claims_offered(rig->arena, &rig->grant, stored);
	assert_string_equal(str_join(rig->arena, &offered, " "), "name updated_at email_verified");
	AUTO_JSON json_t *out = json_object();
	const struct claims_source source = {.stored = stored, .updated_at_s = 7};
	claims_put(out, CLAIMS_USERINFO, &rig->grant, &source);
	assert_int_equal(json_object_size(out), 3);
}

static void the_national_id_comes_from_the_vault_alone(void **state)
{
	struct rig *rig = *state;
	grant(rig, "openid national_id", "{}");
	assert_true(claims_has_national_id(&rig->grant, CLAIMS_USERINFO));
	assert_false(claims_has_national_id(&rig->grant, CLAIMS_ID_TOKEN));
	assert_string_equal(
		put(rig, CLAIMS_USERINFO, "1101700203451"), "{\"national_id\":\"1101700203451\"}");
	assert_string_equal(put(rig, CLAIMS_USERINFO, NULL), "{}");
	grant(rig, "openid", "{\"id_token\":{\"national_id\":null}}");
	assert_true(claims_has_national_id(&rig->grant, CLAIMS_ID_TOKEN));
	assert_false(claims_has_national_id(&rig->grant, CLAIMS_USERINFO));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_parameter_is_taken_or_refused_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(bounds_hold, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_unknown_is_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(essential_and_values_are_read, setup, teardown),
		cmocka_unit_test_setup_teardown(a_request_survives_its_json, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_client_asks_only_within_its_scopes, setup, teardown),
		cmocka_unit_test_setup_teardown(names_are_told_once_and_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(scopes_fill_userinfo_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_parameter_fills_each_place_for_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(
			protocol_claims_never_come_from_the_citizen, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_claim_without_a_value_is_not_offered, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_national_id_comes_from_the_vault_alone, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
