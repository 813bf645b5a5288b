/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/vault/subs.h"
#include <stdio.h>

#define SUB "01234567-89ab-4def-8123-456789abcdef"

static void a_name_is_remembered_for_its_citizen_client_and_version_for_ten_seconds(void **state)
{
	(void)state;
	struct arena *const arena = arena_new();
	struct subs *const subs = subs_new();
	const struct subs_key key = {"somchai", "client", 7},
			      other_citizen = {"malee", "client", 7},
			      other_client = {"somchai", "other", 7},
			      other_version = {"somchai", "client", 8};
	assert_null(subs_find(subs, arena, &key, 0));
	subs_put(subs, &key, SUB, 1000);
	assert_string_equal(subs_find(subs, arena, &key, 1000), SUB);
	assert_string_equal(subs_find(subs, arena, &key, 10999), SUB);
	assert_null(subs_find(subs, arena, &key, 11000));
	assert_null(subs_find(subs, arena, &other_citizen, 1000));
	assert_null(subs_find(subs, arena, &other_client, 1000));
	assert_null(subs_find(subs, arena, &other_version, 1000));
	subs_free(subs);
	subs_free(NULL);
	arena_free(arena);
}

/* More names than places: what is found is right, and the places are no more. */
static void a_newer_name_takes_the_place_of_an_older_one(void **state)
{
	(void)state;
	struct subs *const subs = subs_new();
	size_t found = 0;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 3 * SUBS_PLACES; i++) {
			struct arena *const arena = arena_new();
			char name[32], sub[40];
			(void)snprintf(name, sizeof name, "citizen%d", i);
			(void)snprintf(sub, sizeof sub, "%036d", i);
			const struct subs_key key = {name, "client", 1};
			const char *const got = round > 0 ? subs_find(subs, arena, &key, 1) : NULL;
			if (got) {
				assert_string_equal(got, sub);
				found++;
			}
			if (round == 0)
				subs_put(subs, &key, sub, 0);
			arena_free(arena);
		}
	}
	assert_in_range(found, SUBS_PLACES / 2, SUBS_PLACES);
	subs_free(subs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_name_is_remembered_for_its_citizen_client_and_version_for_ten_seconds),
		cmocka_unit_test(a_newer_name_takes_the_place_of_an_older_one),
	};
	return cmocka_run_group_tests_name("vault/subs", tests, NULL, NULL);
}
