/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/io/vault_wait.h"
#include <pthread.h>

#define S INT64_C(1000000)
#define WAIT (VAULT_WAIT_MS * INT64_C(1000))

static void waits_so_long_and_no_longer(void **state)
{
	struct vault_wait *wait = vault_wait_new();
	(void)state;
	assert_true(vault_wait_again(wait, 100 * S));
	assert_true(vault_wait_again(wait, 100 * S + WAIT - 1));
	assert_false(vault_wait_again(wait, 100 * S + WAIT));
	vault_wait_free(wait);
}

/* Whoever asks while it is known to be away is told at once. */
static void a_vault_that_stays_away_is_waited_for_once(void **state)
{
	struct vault_wait *wait = vault_wait_new();
	(void)state;
	assert_true(vault_wait_again(wait, 100 * S));
	for (int64_t at = 100 * S + WAIT / 2; at < 200 * S; at += WAIT / 2)
		assert_int_equal(vault_wait_again(wait, at), at < 100 * S + WAIT);
	vault_wait_free(wait);
}

static void the_next_restart_is_waited_for_again(void **state)
{
	struct vault_wait *wait = vault_wait_new();
	(void)state;
	assert_true(vault_wait_again(wait, 100 * S));
	assert_false(vault_wait_again(wait, 100 * S + WAIT));
	vault_wait_over(wait);
	assert_true(vault_wait_again(wait, 100 * S + WAIT + 1));
	/* Nobody asked for long: it may have been back. */
	assert_true(vault_wait_again(wait, 900 * S));
	vault_wait_free(wait);
}

#define REACHED_TIMES 2000000

static void *reaches(void *arg)
{
	for (int i = 0; i < REACHED_TIMES; i++)
		vault_wait_over(arg);
	return NULL;
}

/* While one call reaches the vault, another that has just found it away gives up at no time. */
static void who_looks_as_it_comes_back_tries_again(void **state)
{
	struct vault_wait *wait = vault_wait_new();
	pthread_t other;
	int refused = 0;
	(void)state;
	assert_int_equal(pthread_create(&other, NULL, reaches, wait), 0);
	for (int i = 0; i < REACHED_TIMES; i++)
		refused += !vault_wait_again(wait, 100 * S);
	assert_int_equal(pthread_join(other, NULL), 0);
	assert_int_equal(refused, 0);
	vault_wait_free(wait);
}

static void without_one_nobody_waits(void **state)
{
	(void)state;
	assert_false(vault_wait_again(NULL, 1));
	vault_wait_over(NULL);
	vault_wait_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_so_long_and_no_longer),
		cmocka_unit_test(a_vault_that_stays_away_is_waited_for_once),
		cmocka_unit_test(the_next_restart_is_waited_for_again),
		cmocka_unit_test(who_looks_as_it_comes_back_tries_again),
		cmocka_unit_test(without_one_nobody_waits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
