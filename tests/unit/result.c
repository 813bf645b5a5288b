/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/result.h"
#include "idp/base/str.h"

static struct result fails(void)
{
	FAIL(ERR_BUSY);
}

static struct result passes_on(int *reached)
{
	TRY(OK);
	TRY(fails());
	*reached = 1;
	return OK;
}

static void try_stops_at_a_failure_and_keeps_its_place(void **state)
{
	(void)state;
	int reached = 0;
	struct result result = passes_on(&reached);
	assert_int_equal(result.err, ERR_BUSY);
	assert_int_equal(reached, 0);
	assert_true(str_starts(result.where, "tests/unit/result.c:"));
}

static void every_error_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (enum err a = ERR_NONE; a <= ERR_ABSENT; a++) {
		assert_string_not_equal(result_name(a), "unknown");
		for (enum err b = ERR_NONE; b < a; b++)
			assert_string_not_equal(result_name(a), result_name(b));
	}
	assert_string_equal(result_name((enum err)(ERR_ABSENT + 1)), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(try_stops_at_a_failure_and_keeps_its_place),
		cmocka_unit_test(every_error_has_a_name_of_its_own),
	};
	return cmocka_run_group_tests_name("base/result", tests, NULL, NULL);
}
