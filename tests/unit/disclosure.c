/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/web/disclosure.h"
#include "idp/page/page_text.h"
#include "oidc/scope.h"

static const json_t *part(const json_t *data, size_t i, size_t k)
{
	const json_t *item = json_array_get(json_arr(data, "claims"), i);
	return json_array_get(json_arr(item, "parts"), k);
}

static const char *label(const json_t *data, size_t i, size_t k)
{
	return json_str(part(data, i, k), "label_key");
}

static const char *value(const json_t *data, size_t i)
{
	return json_str(json_array_get(json_arr(data, "claims"), i), "value");
}

/* middle_name has a word of its own, though it stands in one item with the rest of the name. */
static void every_claim_is_named_and_groups_stand_together(void **state)
{
	const char *names[] = {"name", "family_name#th", "middle_name", "middle_name#en", "email",
		"email_verified", "unheard_of", "national_id", "updated_at"};
	struct client client = {.client_id = "c", .name_th = "กรม", .name_en = "Dept"};
	struct disclosure disclosure = {.client = &client, .names = {names, COUNT(names)}};
	AUTO_JSON json_t *data = json_object();

	(void)state;
	disclosure_put(data, &disclosure, PAGE_EN);
	assert_string_equal(json_str(data, "agency"), "Dept");
	assert_string_equal(json_str(data, "subject_key"), "disclosure.pairwise");
	assert_int_equal(json_array_size(json_arr(data, "claims")), 4);
	assert_string_equal(label(data, 0, 0), "claim.name");
	assert_string_equal(label(data, 0, 1), "claim.middle_name.more");
	assert_string_equal(label(data, 0, 2), "claim.family_name.more");
	assert_null(part(data, 0, 3));
	assert_false(json_flag(part(data, 0, 0), "more", true));
	assert_true(json_flag(part(data, 0, 1), "more", false));
	assert_string_equal(label(data, 1, 0), "claim.updated_at");
	assert_string_equal(label(data, 2, 0), "claim.email");
	assert_string_equal(label(data, 2, 1), "claim.email_verified.more");
	assert_string_equal(label(data, 3, 0), "claim.national_id");
	assert_null(value(data, 0));
	assert_false(json_flag(data, "offline", true));
	assert_null(json_obj(data, "links"));
}

static void the_citizens_own_values(void **state)
{
	const char *names[] = {"name", "birthdate", "email", "address"};
	struct client client = {.client_id = "c",
		.name_th = "กรม",
		.name_en = "Dept",
		.subject_public = true,
		.client_uri = "http://plain.example",
		.policy_uri = "https://a.example/p",
		.tos_uri = "javascript:alert(1)"};
	AUTO_JSON json_t *values = json_pack(
		"{s:s,s:{s:s},s:i}", "name", "สมชาย", "address", "locality", "x", "email", 7);
	struct disclosure disclosure = {&client, {names, COUNT(names)}, values, true};
	AUTO_JSON json_t *data = json_object();

	(void)state;
	disclosure_put(data, &disclosure, PAGE_TH);
	assert_string_equal(json_str(data, "agency"), "กรม");
	assert_string_equal(json_str(data, "subject_key"), "disclosure.public");
	assert_string_equal(value(data, 0), "สมชาย");
	assert_null(value(data, 1));
	assert_null(value(data, 2));
	assert_null(value(data, 3));
	assert_true(json_flag(data, "offline", false));
	assert_null(json_str(json_obj(data, "links"), "site"));
	assert_string_equal(json_str(json_obj(data, "links"), "policy"), "https://a.example/p");
	assert_null(json_str(json_obj(data, "links"), "tos"));
}

static void values_are_for_people_and_a_long_list_folds(void **state)
{
	const char *names[] = {"given_name", "family_name", "nickname", "gender", "birthdate",
		"zoneinfo", "locale", "email", "phone_number", "address", "profile", "national_id"};
	struct client client = {.client_id = "c", .purpose_th = "เพื่อยื่นภาษี"};
	AUTO_JSON json_t *values = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:{s:s}}", "given_name",
		"สมชาย", "family_name", "ใจดี", "gender", "male", "birthdate", "1985-04-12",
		"zoneinfo", "Asia/Bangkok", "locale", "th-TH", "address", "formatted", "1 ถนน");
	struct disclosure disclosure = {&client, {names, COUNT(names)}, values, false};
	AUTO_JSON json_t *th = json_object(), *en = json_object();

	(void)state;
	disclosure_put(th, &disclosure, PAGE_TH);
	disclosure_put(en, &disclosure, PAGE_EN);
	assert_string_equal(json_str(th, "purpose"), "เพื่อยื่นภาษี");
	assert_null(json_str(en, "purpose"));
	assert_string_equal(value(th, 0), "สมชาย ใจดี");
	const json_t *claims = json_arr(th, "claims");
	assert_string_equal(json_str(json_array_get(claims, 3), "value_key"), "claim.gender.male");
	const json_t *date = json_obj(json_array_get(claims, 4), "date");
	assert_string_equal(json_str(date, "month_key"), "month.4");
	assert_int_equal(json_int(date, "year", 0), 2528);
	date = json_obj(json_array_get(json_arr(en, "claims"), 4), "date");
	assert_int_equal(json_int(date, "year", 0), 1985);
	assert_string_equal(value(th, 5), "Asia/Bangkok, th-TH");
	assert_string_equal(value(th, 8), "1 ถนน");
	assert_int_equal(json_int(th, "folded", 0), 4);
	for (size_t i = 0; i < 10; i++)
		assert_true(json_flag(json_array_get(claims, i), "rest", false) == (i >= 6));
}

static void has_words(const char *claim)
{
	struct client client = {.client_id = "c"};
	struct disclosure disclosure = {.client = &client, .names = {(const char *[]){claim}, 1}};
	struct template_set th = page_text_set(PAGE_TH), en = page_text_set(PAGE_EN);
	AUTO_JSON json_t *data = json_object();

	disclosure_put(data, &disclosure, PAGE_TH);
	assert_non_null(label(data, 0, 0));
	assert_non_null(template_lookup(&th, label(data, 0, 0)));
	assert_non_null(template_lookup(&en, label(data, 0, 0)));
}

/* Whatever a scope may bring has words in both languages. */
static void every_claim_has_words(void **state)
{
	(void)state;
	for (const char *const *scope = scope_all(); *scope; scope++) {
		for (const char *const *claim = scope_claims(*scope); *claim; claim++)
			has_words(*claim);
	}
}

/* Behind another of its group a claim goes on in the middle of a line: in English without a
 * capital. */
static void what_follows_a_comma_has_no_capital(void **state)
{
	(void)state;
	struct client client = {.client_id = "c"};
	struct template_set en = page_text_set(PAGE_EN);
	size_t followed = 0;
	for (const char *const *scope = scope_all(); *scope; scope++) {
		struct disclosure all = {
			.client = &client,
		};
		const char *names[32];
		for (const char *const *claim = scope_claims(*scope); *claim; claim++)
			names[all.names.n++] = *claim;
		all.names.items = names;
		AUTO_JSON json_t *data = json_object();
		disclosure_put(data, &all, PAGE_EN);
		for (size_t i = 0; i < json_array_size(json_arr(data, "claims")); i++)
			for (size_t j = 1; part(data, i, j); j++, followed++) {
				const char *text = template_lookup(&en, label(data, i, j));
				assert_non_null(text);
				assert_in_range(text[0], 'a', 'z');
			}
	}
	assert_int_equal(followed, 8);
}

static void a_citizens_name(void **state)
{
	struct arena *arena = arena_new();
	AUTO_JSON json_t *whole = json_pack("{s:s,s:s}", "name", "A B", "given_name", "C");
	AUTO_JSON json_t *parts = json_pack("{s:s,s:s}", "given_name", "C", "family_name", "D");
	AUTO_JSON json_t *given = json_pack("{s:s}", "given_name", "C");
	AUTO_JSON json_t *none = json_object();

	(void)state;
	assert_string_equal(disclosure_name(arena, whole), "A B");
	assert_string_equal(disclosure_name(arena, parts), "C D");
	assert_string_equal(disclosure_name(arena, given), "C");
	assert_null(disclosure_name(arena, none));
	assert_null(disclosure_name(arena, NULL));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_claim_is_named_and_groups_stand_together),
		cmocka_unit_test(the_citizens_own_values),
		cmocka_unit_test(values_are_for_people_and_a_long_list_folds),
		cmocka_unit_test(every_claim_has_words),
		cmocka_unit_test(what_follows_a_comma_has_no_capital),
		cmocka_unit_test(a_citizens_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
