/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/params.h"
#include "idp/base/str.h"

static enum params_verdict parse(struct arena *arena, const char *text, const struct params **out)
{
	return params_parse(arena, text, strlen(text), out);
}

static void reads_pairs(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	const struct params *params = NULL;
	assert_int_equal(
		parse(arena, "client_id=a%20b&state=x+y%2Bz&empty=&bare&&q=%E0%B8%81%3d&r=a=b",
			&params),
		PARAMS_OK);
	assert_int_equal(params->n, 6);
	assert_string_equal(params_get(params, "client_id"), "a b");
	assert_string_equal(params_get(params, "state"), "x y+z");
	assert_string_equal(params_get(params, "empty"), "");
	assert_string_equal(params_get(params, "bare"), "");
	assert_string_equal(params_get(params, "q"), "ก=");
	assert_string_equal(params_get(params, "r"), "a=b");
	assert_null(params_get(params, "CLIENT_ID"));
	arena_free(arena);
}

static void an_empty_value_counts_as_not_given(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	const struct params *params = NULL;
	assert_int_equal(parse(arena, "nonce=&scope=openid", &params), PARAMS_OK);
	assert_null(params_value(params, "nonce"));
	assert_string_equal(params_value(params, "scope"), "openid");
	assert_null(params_value(params, "state"));
	arena_free(arena);
}

static void nothing_is_empty(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	const struct params *params = NULL;
	assert_int_equal(params_parse(arena, NULL, 0, &params), PARAMS_OK);
	assert_int_equal(params->n, 0);
	assert_int_equal(parse(arena, "&&", &params), PARAMS_OK);
	assert_int_equal(params->n, 0);
	arena_free(arena);
}

static void refuses_what_is_broken(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum params_verdict verdict;
	} rows[] = {
		{"a=1&a=1", PARAMS_REPEATED},
		{"a=1&%61=2", PARAMS_REPEATED},
		{"a&a", PARAMS_REPEATED},
		{"a=%", PARAMS_BAD_ESCAPE},
		{"a=%4", PARAMS_BAD_ESCAPE},
		{"a=%4&b=1", PARAMS_BAD_ESCAPE},
		{"a=%zz", PARAMS_BAD_ESCAPE},
		{"a=%+1", PARAMS_BAD_ESCAPE},
		{"%=1", PARAMS_BAD_ESCAPE},
		{"a=%00", PARAMS_NUL},
		{"a%00b=1", PARAMS_NUL},
		{"a=%ff", PARAMS_BAD_UTF8},
		{"a=\xff", PARAMS_BAD_UTF8},
		{"a=%c0%af", PARAMS_BAD_UTF8},
		{"%ed%a0%80=1", PARAMS_BAD_UTF8},
	};
	struct arena *arena = arena_new();
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct params *params = NULL;
		if (parse(arena, rows[i].text, &params) != rows[i].verdict)
			fail_msg("not refused as it should be: %s", rows[i].text);
		assert_null(params_get(params, "a"));
	}
	const struct params *params = NULL;
	assert_int_equal(params_parse(arena, "a=\0", 3, &params), PARAMS_NUL);
	arena_free(arena);
}

static void a_fault_leaves_the_rest_readable(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	const struct params *params = NULL;
	assert_int_equal(
		parse(arena, "client_id=c&state=1&state=2&state=3&x=%zz&redirect_uri=r", &params),
		PARAMS_REPEATED);
	assert_string_equal(params_get(params, "client_id"), "c");
	assert_string_equal(params_get(params, "redirect_uri"), "r");
	assert_null(params_get(params, "state")); /* neither of the values */
	assert_int_equal(params->n, 2);
	arena_free(arena);
}

static void refuses_more_than_a_hundred(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct buf buf = buf_new(arena);
	const struct params *params = NULL;
	for (int i = 0; i < PARAMS_MAX; i++)
		buf_printf(&buf, "p%d=v&", i);
	assert_int_equal(parse(arena, buf.text, &params), PARAMS_OK);
	assert_int_equal(params->n, PARAMS_MAX);
	buf_puts(&buf, "one_more=v");
	assert_int_equal(parse(arena, buf.text, &params), PARAMS_TOO_MANY);
	assert_int_equal(params->n, PARAMS_MAX);
	assert_null(params_get(params, "one_more"));
	arena_free(arena);
}

static void what_was_encoded_reads_back(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	const struct params *params = NULL, *back = NULL;
	assert_int_equal(parse(arena, "a=1%262&%E0%B8%81=+%3D%25&z=", &params), PARAMS_OK);
	const char *text = params_encode(arena, params);
	assert_string_equal(text, "a=1%262&%E0%B8%81=%20%3D%25&z=");
	assert_int_equal(parse(arena, text, &back), PARAMS_OK);
	assert_int_equal(back->n, params->n);
	for (size_t i = 0; i < back->n; i++)
		assert_string_equal(back->items[i].value, params->items[i].value);
	arena_free(arena);
}

static void what_was_wiped_reads_empty(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	const struct params *params = NULL;
	assert_int_equal(parse(arena, "login=a&password=secret&z=", &params), PARAMS_OK);
	const char *value = params_get(params, "password");
	params_wipe(params);
	for (size_t i = 0; i < strlen("secret"); i++)
		assert_int_equal(value[i], '\0');
	assert_string_equal(params_get(params, "login"), "");
	arena_free(arena);
}

static void every_verdict_can_stand_in_a_description(void **state)
{
	(void)state;
	for (enum params_verdict v = PARAMS_OK; v <= PARAMS_NUL; v++) {
		const char *text = params_verdict_text(v);
		assert_true(strlen(text) > 5);
		for (const char *p = text; *p != '\0'; p++)
			assert_true(*p >= 0x20 && *p < 0x7f && *p != '"' && *p != '\\');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_pairs),
		cmocka_unit_test(an_empty_value_counts_as_not_given),
		cmocka_unit_test(nothing_is_empty),
		cmocka_unit_test(refuses_what_is_broken),
		cmocka_unit_test(a_fault_leaves_the_rest_readable),
		cmocka_unit_test(refuses_more_than_a_hundred),
		cmocka_unit_test(what_was_encoded_reads_back),
		cmocka_unit_test(what_was_wiped_reads_empty),
		cmocka_unit_test(every_verdict_can_stand_in_a_description),
	};
	return cmocka_run_group_tests_name("base/params", tests, NULL, NULL);
}
