/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/rng.h"

static void fill_with(void *arg, uint8_t *out, size_t len)
{
	memset(out, *(int *)arg, len);
}

static void a_test_can_hold_it(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	int byte = 0;
	const struct rng rng = {fill_with, &byte};
	assert_string_equal(rng_opaque(&rng, arena), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	assert_string_equal(rng_uuid(&rng, arena), "00000000-0000-4000-8000-000000000000");
	byte = 0xff;
	assert_string_equal(rng_opaque(&rng, arena), "__________________________________________8");
	assert_string_equal(rng_uuid(&rng, arena), "ffffffff-ffff-4fff-bfff-ffffffffffff");
	arena_free(arena);
}

static void opaque_values_have_their_length_and_differ(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	const struct rng rng = rng_system();
	const char *seen[200];
	for (size_t i = 0; i < COUNT(seen); i++) {
		seen[i] = rng_opaque(&rng, arena);
		assert_int_equal(strlen(seen[i]), RNG_OPAQUE_LEN);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(seen[i], seen[j]);
	}
	arena_free(arena);
}

/* Not a test of the kernel's generator: only that every byte asked for is filled. */
static void fills_every_byte(void **state)
{
	(void)state;
	const struct rng rng = rng_system();
	uint8_t seen[600] = {0};
	for (int round = 0; round < 12; round++) {
		uint8_t bytes[600] = {0};
		rng_bytes(&rng, bytes, sizeof(bytes));
		for (size_t i = 0; i < sizeof(bytes); i++)
			seen[i] |= bytes[i];
	}
	for (size_t i = 0; i < sizeof(seen); i++)
		assert_int_not_equal(seen[i], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_test_can_hold_it),
		cmocka_unit_test(opaque_values_have_their_length_and_differ),
		cmocka_unit_test(fills_every_byte),
	};
	return cmocka_run_group_tests_name("base/rng", tests, NULL, NULL);
}
