/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/vault/hasher.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define CALLERS 40

static struct hasher *hasher;
static atomic_int at_once, most_at_once, done;

static int64_t work(void *arg)
{
	(void)arg;
	const int now = atomic_fetch_add(&at_once, 1) + 1;
	int most = atomic_load(&most_at_once);
	while (now > most && !atomic_compare_exchange_weak(&most_at_once, &most, now))
		continue;
	(void)usleep(2000);
	atomic_fetch_add(&done, 1);
	atomic_fetch_sub(&at_once, 1);
	return 1;
}

static void *call(void *arg)
{
	(void)arg;
	if (hasher_enter(hasher)) {
		hasher_run(hasher, work, NULL);
		hasher_leave(hasher);
	}
	return NULL;
}

static void all_work_is_done_by_no_more_threads_than_asked_for(void **state)
{
	(void)state;
	pthread_t threads[CALLERS];
	hasher = hasher_new(3, CALLERS);
	assert_non_null(hasher);
	atomic_store(&done, 0);
	for (size_t i = 0; i < CALLERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, call, NULL), 0);
	for (size_t i = 0; i < CALLERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(atomic_load(&done), CALLERS);
	assert_in_range(atomic_load(&most_at_once), 1, 3);
	assert_int_equal(hasher_figures(hasher).done, CALLERS);
	assert_int_equal(hasher_figures(hasher).within, 0);
	hasher_free(hasher);
}

static void a_full_house_lets_nobody_in(void **state)
{
	(void)state;
	hasher = hasher_new(1, 2);
	assert_non_null(hasher);
	assert_true(hasher_enter(hasher));
	assert_true(hasher_enter(hasher));
	assert_false(hasher_enter(hasher));
	assert_int_equal(hasher_figures(hasher).within, 2);
	hasher_leave(hasher);
	assert_true(hasher_enter(hasher));
	hasher_leave(hasher);
	hasher_leave(hasher);
	hasher_free(hasher);
	hasher_free(NULL);
}

static int64_t note_priority(void *arg)
{
	*(int *)arg = getpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid));
	return 0;
}

static void work_has_a_lower_priority_than_its_caller(void **state)
{
	(void)state;
	int theirs = -100;
	const int ours = getpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid));
	hasher = hasher_new(1, 1);
	assert_non_null(hasher);
	assert_true(hasher_enter(hasher));
	hasher_run(hasher, note_priority, &theirs);
	hasher_leave(hasher);
	hasher_free(hasher);
	assert_int_equal(theirs, ours > 10 ? ours : 10);
	assert_int_equal(getpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid)), ours);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_work_is_done_by_no_more_threads_than_asked_for),
		cmocka_unit_test(a_full_house_lets_nobody_in),
		cmocka_unit_test(work_has_a_lower_priority_than_its_caller),
	};
	return cmocka_run_group_tests_name("vault/hasher", tests, NULL, NULL);
}
