/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/arena.h"
#include <malloc.h>

static void gives_zeroed_aligned_memory_of_every_size(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	for (size_t len = 0; len < 20000; len += 37) {
		unsigned char *bytes = arena_alloc(arena, len);
		assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < len; i++)
			assert_int_equal(bytes[i], 0);
		memset(bytes, 0xff, len);
	}
	arena_free(arena);
}

static void allocations_do_not_overlap(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	unsigned char *all[200];
	size_t lens[200];
	for (size_t i = 0; i < COUNT(all); i++) {
		lens[i] = i % 7 == 0 ? 9000 + i : i * 3;
		all[i] = arena_alloc(arena, lens[i]);
		memset(all[i], (int)i, lens[i]);
	}
	for (size_t i = 0; i < COUNT(all); i++) {
		for (size_t j = 0; j < lens[i]; j++)
			assert_int_equal(all[i][j], (unsigned char)i);
	}
	arena_free(arena);
}

static void copies_are_copies(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	char text[] = "text";
	char *copy = arena_strdup(arena, text);
	char *part = arena_strndup(arena, text, 2);
	char *raw = arena_memdup(arena, text, sizeof(text));
	text[0] = 'x';
	assert_string_equal(copy, "text");
	assert_string_equal(part, "te");
	assert_string_equal(raw, "text");
	assert_null(arena_strdup(arena, NULL));
	assert_null(arena_strndup(arena, NULL, 3));
	assert_null(arena_memdup(arena, NULL, 3));
	assert_string_equal(arena_printf(arena, "%s-%d", copy, 7), "text-7");
	arena_free(arena);
}

static void take_too_much(void *arg)
{
	struct arena *arena = arena_new();
	size_t each = *(size_t *)arg;
	for (size_t taken = 0; taken <= ARENA_LIMIT; taken += each)
		(void)arena_alloc(arena, each);
	arena_free(arena);
}

static void its_limit_ends_the_process(void **state)
{
	(void)state;
	size_t sizes[] = {100000, ARENA_LIMIT + 1, SIZE_MAX - 3};
	for (size_t i = 0; i < COUNT(sizes); i++)
		assert_true(unit_aborts(take_too_much, &sizes[i]));
	struct arena *arena = arena_new();
	assert_non_null(arena_alloc(arena, ARENA_LIMIT / 2)); /* within it, nothing ends */
	arena_free(arena);
}

/* A request that is only being sent has one, and thousands may be so at once. A sanitizer's
 * allocator counts nothing here. */
static void a_small_one_is_small(void **state)
{
	(void)state;
	struct arena *all[100];
	const size_t before = mallinfo2().uordblks;
	for (size_t i = 0; i < COUNT(all); i++) {
		all[i] = arena_new();
		(void)arena_alloc(all[i], 1000);
	}
	assert_true(mallinfo2().uordblks - before < COUNT(all) * 2048);
	for (size_t i = 0; i < COUNT(all); i++)
		arena_free(all[i]);
}

/* A text is written where the newest chunk ends, if it fits there. If it does not, what is
 * allocated there next is zero as ever. */
static void a_text_that_does_not_fit_leaves_nothing(void **state)
{
	(void)state;
	static const char word[] = "a secret of some length ";
	for (size_t taken = 1000; taken < 1536; taken++) {
		struct arena *arena = arena_new();
		(void)arena_alloc(arena, taken);
		const char *text = arena_printf(arena, "%s%s%05000d", word, word, 7);
		assert_int_equal(strlen(text), 2 * strlen(word) + 5000);
		assert_memory_equal(text, word, strlen(word));
		for (int i = 0; i < 60; i++) {
			const char *next = arena_alloc(arena, 8);
			for (int at = 0; at < 8; at++)
				assert_int_equal(next[at], 0);
		}
		assert_int_equal(strlen(text), 2 * strlen(word) + 5000);
		arena_free(arena);
	}
}

static void freeing_nothing_is_harmless(void **state)
{
	(void)state;
	arena_free(NULL);
	struct arena *arena = arena_new();
	assert_non_null(arena);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_zeroed_aligned_memory_of_every_size),
		cmocka_unit_test(allocations_do_not_overlap),
		cmocka_unit_test(copies_are_copies),
		cmocka_unit_test(its_limit_ends_the_process),
		cmocka_unit_test(a_small_one_is_small),
		cmocka_unit_test(a_text_that_does_not_fit_leaves_nothing),
		cmocka_unit_test(freeing_nothing_is_harmless),
	};
	return cmocka_run_group_tests_name("base/arena", tests, NULL, NULL);
}
