/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/tally.h"
#include <pthread.h>

static const struct tally_key refusal = {"client_auth", "refused", "wrong_secret", "excise"};

static void the_same_is_counted_together(void **state)
{
	struct arena *arena = arena_new();
	struct tally *tally = tally_new();
	struct tally_key nobody = refusal;
	(void)state;

	nobody.client_id = NULL;
	tally_add(tally, &refusal, 1);
	tally_add(tally, &refusal, 2);
	tally_add(tally, &nobody, 1);
	const struct tally_counts counts = tally_take(tally, arena);
	assert_int_equal(counts.n, 2);
	assert_int_equal(counts.items[0].n, 3);
	assert_string_equal(counts.items[0].key.client_id, "excise");
	assert_string_equal(counts.items[0].key.reason, "wrong_secret");
	assert_int_equal(counts.items[1].n, 1);
	assert_null(counts.items[1].key.client_id);
	tally_free(tally);
	arena_free(arena);
}

static void what_was_taken_is_not_taken_twice(void **state)
{
	struct arena *arena = arena_new();
	struct tally *tally = tally_new();
	(void)state;

	tally_add(tally, &refusal, 5);
	assert_int_equal(tally_take(tally, arena).n, 1);
	assert_int_equal(tally_take(tally, arena).n, 0);
	tally_add(tally, &refusal, 1);
	const struct tally_counts counts = tally_look(tally, arena);
	assert_int_equal(counts.n, 1);
	assert_int_equal(counts.items[0].n, 1);
	assert_int_equal(counts.items[0].total, 6);
	tally_free(tally);
	arena_free(arena);
}

static void strangers_cannot_make_it_grow(void **state)
{
	struct arena *arena = arena_new();
	struct tally *tally = tally_new();
	int64_t n = 0, other = 0;
	(void)state;

	for (int i = 0; i < 3 * TALLY_PLACES; i++) {
		struct tally_key key = refusal;
		key.client_id = arena_printf(arena, "client-%d", i);
		tally_add(tally, &key, 1);
	}
	const struct tally_counts counts = tally_take(tally, arena);
	assert_true(counts.n <= TALLY_PLACES);
	for (size_t i = 0; i < counts.n; i++) {
		n += counts.items[i].n;
		if (strcmp(counts.items[i].key.reason, TALLY_OTHER) == 0)
			other += counts.items[i].n;
	}
	assert_int_equal(n, 3 * TALLY_PLACES);
	assert_true(other > TALLY_PLACES);
	tally_free(tally);
	arena_free(arena);
}

static void *add_many(void *arg)
{
	for (int i = 0; i < 10000; i++)
		tally_add(arg, &refusal, 1);
	return NULL;
}

static void threads_lose_nothing(void **state)
{
	struct arena *arena = arena_new();
	struct tally *tally = tally_new();
	pthread_t threads[4];
	(void)state;

	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, add_many, tally), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(tally_take(tally, arena).items[0].n, 40000);
	tally_free(tally);
	tally_add(NULL, &refusal, 1);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_is_counted_together),
		cmocka_unit_test(what_was_taken_is_not_taken_twice),
		cmocka_unit_test(strangers_cannot_make_it_grow),
		cmocka_unit_test(threads_lose_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
