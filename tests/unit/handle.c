/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/handle.h"
#include "idp/base/str.h"

#define NOW_MS INT64_C(1795276800123)

static void a_handle_says_when_it_was_made(void **state)
{
	struct arena *arena = arena_new();
	const struct rng rng = rng_system();
	const int64_t times[] = {0, 1, NOW_MS, INT64_C(0xffffffffffff)};
	struct handle_span span;
	(void)state;

	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		const char *handle = handle_new(&rng, arena, times[i]);
		assert_int_equal(strlen(handle), HANDLE_LEN);
		assert_true(handle_span(handle, &span));
		assert_int_equal(span.from_ms, times[i]);
		assert_int_equal(span.until_ms, times[i] + 1);
	}
	assert_string_not_equal(handle_new(&rng, arena, NOW_MS), handle_new(&rng, arena, NOW_MS));
	arena_free(arena);
}

static void a_handle_of_an_earlier_release_is_looked_for_everywhere(void **state)
{
	struct arena *arena = arena_new();
	const struct rng rng = rng_system();
	struct handle_span span;
	(void)state;

	assert_true(handle_span(rng_opaque(&rng, arena), &span));
	assert_true(span.from_ms <= 0 && span.until_ms > NOW_MS);
	span = handle_uuid_span(rng_uuid(&rng, arena));
	assert_true(span.from_ms <= 0 && span.until_ms > NOW_MS);
	arena_free(arena);
}

static void what_is_no_handle_is_refused(void **state)
{
	static const char *const bad[] = {NULL, "", "AAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", /* 42 */
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", /* 44 */
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", /* 50 */
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", /* 52 */
		"AAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
	struct handle_span span;
	(void)state;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(handle_span(bad[i], &span));
}

static void a_uuid_says_when_it_was_made(void **state)
{
	struct arena *arena = arena_new();
	const struct rng rng = rng_system();
	const char *uuid = handle_uuid(&rng, arena, NOW_MS);
	const struct handle_span span = handle_uuid_span(uuid);
	(void)state;

	assert_true(str_is_uuid(uuid));
	assert_int_equal(uuid[14], '7');
	assert_non_null(strchr("89ab", uuid[19]));
	assert_int_equal(span.from_ms, NOW_MS);
	assert_int_equal(span.until_ms, NOW_MS + 1);
	arena_free(arena);
}

static void a_uuid_can_be_written_shorter(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	const char *uuid = "0192f3a4-b5c6-7d8e-9f01-23456789abcd";
	const char *text = handle_uuid_short(arena, uuid);
	assert_int_equal(strlen(text), 22);
	assert_string_equal(handle_uuid_long(arena, text), uuid);
	static const char *const bad[] = {"", "AAAA", "0192f3a4-b5c6-7d8e-9f01-23456789abcd",
		"AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA*"};
	assert_null(handle_uuid_long(arena, NULL));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_null(handle_uuid_long(arena, bad[i]));
	arena_free(arena);
}

static void a_correlation_id_begins_with_a_letter(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	uint8_t bytes[HANDLE_CORRELATION_LEN] = {0};
	for (int first = 0; first < 256; first++) {
		bytes[0] = (uint8_t)first;
		const char *id = handle_correlation(arena, bytes);
		assert_int_equal(strlen(id), 22);
		assert_true((id[0] >= 'A' && id[0] <= 'Z') || (id[0] >= 'a' && id[0] <= 'z'));
		assert_int_equal(bytes[0], first);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_handle_says_when_it_was_made),
		cmocka_unit_test(a_handle_of_an_earlier_release_is_looked_for_everywhere),
		cmocka_unit_test(what_is_no_handle_is_refused),
		cmocka_unit_test(a_uuid_says_when_it_was_made),
		cmocka_unit_test(a_uuid_can_be_written_shorter),
		cmocka_unit_test(a_correlation_id_begins_with_a_letter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
