/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/str.h"

static void a_buffer_grows_and_stays_terminated(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct buf buf = buf_new(arena);
	assert_string_equal(buf.text, "");
	for (int i = 0; i < 1000; i++)
		buf_printf(&buf, "%03d,", i);
	buf_puts(&buf, "end");
	buf_puts(&buf, NULL);
	buf_putn(&buf, "!?", 1);
	assert_int_equal(buf.len, 4004);
	assert_int_equal(strlen(buf.text), 4004);
	assert_memory_equal(buf.text, "000,001,", 8);
	assert_string_equal(buf.text + 3996, "999,end!");
	arena_free(arena);
}

static void comparisons_bear_null(void **state)
{
	(void)state;
	assert_true(str_eq("a", "a"));
	assert_true(str_eq(NULL, NULL));
	assert_false(str_eq("a", NULL));
	assert_false(str_eq(NULL, ""));
	assert_false(str_eq("a", "A"));
	assert_true(str_starts("https://x", "https://"));
	assert_true(str_starts("x", ""));
	assert_false(str_starts("http", "https"));
	assert_false(str_starts(NULL, "a"));
	assert_false(str_starts("a", NULL));
	assert_true(str_empty(NULL));
	assert_true(str_empty(""));
	assert_false(str_empty(" "));
}

static void splits_and_joins_lists(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t n;
		const char *joined;
	} rows[] = {
		{"openid profile", 2, "openid|profile"},
		{"openid", 1, "openid"},
		{"  a  b ", 2, "a|b"},
		{"", 0, ""},
		{" ", 0, ""},
		{NULL, 0, ""},
	};
	struct arena *arena = arena_new();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str_list list = str_split(arena, rows[i].text, ' ');
		assert_int_equal(list.n, rows[i].n);
		assert_string_equal(str_join(arena, &list, "|"), rows[i].joined);
	}
	struct str_list list = str_split(arena, "openid profile", ' ');
	assert_true(str_list_has(&list, "profile"));
	assert_false(str_list_has(&list, "prof"));
	assert_false(str_list_has(&list, NULL));
	assert_false(str_list_has(NULL, "profile"));
	arena_free(arena);
}

static void takes_well_formed_utf8(void **state)
{
	(void)state;
	static const char *const good[] = {"", "plain", "ประตู", "\xc2\x80", "\xdf\xbf",
		"\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf"};
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(str_utf8_valid(good[i], strlen(good[i])));
}

static void refuses_ill_formed_utf8(void **state)
{
	(void)state;
	static const struct {
		const char *why, *text;
		size_t len;
	} rows[] = {
		{"NUL", "a\0b", 3},
		{"lone continuation", "\x80", 1},
		{"overlong slash, two bytes", "\xc0\xaf", 2},
		{"overlong slash, three bytes", "\xe0\x80\xaf", 3},
		{"overlong, three bytes, last", "\xe0\x9f\xbf", 3},
		{"overlong, four bytes", "\xf0\x8f\xbf\xbf", 4},
		{"surrogate", "\xed\xa0\x80", 3},
		{"beyond U+10FFFF", "\xf4\x90\x80\x80", 4},
		{"five-byte form", "\xf8\x88\x80\x80\x80", 5},
		{"cut after one", "\xe0\xb8", 2},
		{"cut within four", "\xf0\x90\x80", 3},
		{"what would end it stands behind the text", "\xe0\xb8\x81", 2},
		{"lead then ASCII", "\xe0\xb8z", 3},
		{"0xff", "\xff", 1},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (str_utf8_valid(rows[i].text, rows[i].len))
			fail_msg("taken: %s", rows[i].why);
	}
}

/* Wherever it stands among characters that are skipped eight at a time. */
static void utf8_is_judged_at_every_place(void **state)
{
	(void)state;
	static const struct {
		const char *piece;
		size_t len;
		bool good;
	} rows[] = {{"\x7f", 1, true}, {"\0", 1, false}, {"\x80", 1, false}, {"\xff", 1, false},
		{"\xe0\xb8\x81", 3, true}, {"\xe0\xb8", 2, false}, {"\xed\xa0\x80", 3, false}};
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t before = 0; before < 20; before++) {
			for (size_t after = 0; after < 20; after++) {
				char text[64];
				memset(text, 'a', sizeof text);
				memcpy(text + before, rows[i].piece, rows[i].len);
				assert_int_equal(str_utf8_valid(text, before + rows[i].len + after),
					rows[i].good);
			}
		}
	}
}

static void clips_between_characters(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	const char *text = "a\xe0\xb8\x81z";
	assert_ptr_equal(str_clip(arena, text, 5), text);
	assert_string_equal(str_clip(arena, text, 4), "a\xe0\xb8\x81");
	assert_string_equal(str_clip(arena, text, 3), "a");
	assert_string_equal(str_clip(arena, text, 1), "a");
	assert_string_equal(str_clip(arena, text, 0), "");
	arena_free(arena);
}

static void only_ascii_letters_are_lowered(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	assert_string_equal(str_lower(arena, "AZaz@[`{0\xc3\x89X", 11), "azaz@[`{0\xc3\x89");
	arena_free(arena);
}

static void characters_are_read_one_by_one(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint32_t point;
		size_t len;
	} cases[] = {{"a", 'a', 1}, {"\xc2\x80", 0x80, 2}, {"\xe0\xb8\x81", 0xe01, 3},
		{"\xf0\x9f\x99\x82", 0x1f642, 4}, {"\xff", 0xff, 1}, {"\xe0\xb8", 0xe0, 1},
		{"\xc0\x80", 0xc0, 1}};
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint32_t point = 0;
		assert_int_equal(str_utf8_char(cases[i].text, STR_CHAR_MAX, &point), cases[i].len);
		assert_int_equal(point, cases[i].point);
	}
	assert_true(str_is_control(0x9b) && str_is_control(0x2028) && str_is_control(0x202e));
	assert_false(str_is_control(0xa0) || str_is_control(0xe01) || str_is_control(0x2027));
}

static void knows_a_uuid(void **state)
{
	(void)state;
	assert_true(str_is_uuid("01234567-89ab-cdef-0123-456789abcdef"));
	assert_false(str_is_uuid("01234567-89AB-cdef-0123-456789abcdef"));
	assert_false(str_is_uuid("01234567-89ab-cdef-0123-456789abcde"));
	assert_false(str_is_uuid("01234567-89ab-cdef-0123-456789abcdef0"));
	assert_false(str_is_uuid("01234567089ab-cdef-0123-456789abcdef"));
	assert_false(str_is_uuid("01234567-89ab-cdef-0123-456789abcde-"));
	assert_false(str_is_uuid(""));
	assert_false(str_is_uuid(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_buffer_grows_and_stays_terminated),
		cmocka_unit_test(comparisons_bear_null),
		cmocka_unit_test(splits_and_joins_lists),
		cmocka_unit_test(clips_between_characters),
		cmocka_unit_test(knows_a_uuid),
		cmocka_unit_test(takes_well_formed_utf8),
		cmocka_unit_test(refuses_ill_formed_utf8),
		cmocka_unit_test(utf8_is_judged_at_every_place),
		cmocka_unit_test(only_ascii_letters_are_lowered),
		cmocka_unit_test(characters_are_read_one_by_one),
	};
	return cmocka_run_group_tests_name("base/str", tests, NULL, NULL);
}
