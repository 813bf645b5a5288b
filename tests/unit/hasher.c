/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/vault/hasher.h"
#include <pthread.h>
#include <semaphore.h>
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
	const struct hasher_job job = {(uint64_t)(uintptr_t)arg, work, NULL};
	if (hasher_enter(hasher, job.name)) {
		hasher_run(hasher, &job);
		hasher_leave(hasher, job.name);
	}
	return NULL;
}

static void all_work_is_done_by_no_more_threads_than_asked_for(void **state)
{
	(void)state;
	pthread_t threads[CALLERS];
	char names[CALLERS];
	hasher = hasher_new(3, CALLERS, CALLERS);
	assert_non_null(hasher);
	atomic_store(&done, 0);
	for (size_t i = 0; i < CALLERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, call, &names[i]), 0);
	for (size_t i = 0; i < CALLERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(atomic_load(&done), CALLERS);
	assert_in_range(atomic_load(&most_at_once), 1, 3);
	assert_int_equal(hasher_figures(hasher).done, CALLERS);
	assert_int_equal(hasher_figures(hasher).within, 0);
	hasher_free(hasher);
}

static void who_finds_it_full_is_refused(void **state)
{
	(void)state;
	hasher = hasher_new(1, 2, 2);
	assert_non_null(hasher);
	assert_true(hasher_enter(hasher, 1));
	assert_true(hasher_enter(hasher, 2));
	assert_false(hasher_enter(hasher, 3));
	assert_int_equal(hasher_figures(hasher).within, 2);
	hasher_leave(hasher, 1);
	assert_true(hasher_enter(hasher, 3));
	hasher_leave(hasher, 3);
	hasher_leave(hasher, 2);
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
	hasher = hasher_new(1, 1, 1);
	assert_non_null(hasher);
	assert_true(hasher_enter(hasher, 1));
	const struct hasher_job job = {1, note_priority, &theirs};
	hasher_run(hasher, &job);
	hasher_leave(hasher, 1);
	hasher_free(hasher);
	assert_int_equal(theirs, ours > 10 ? ours : 10);
	assert_int_equal(getpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid)), ours);
}

/* A call that lasts until the test lets it end. */
struct held_call {
	uint64_t name;
	sem_t began, may_end;
	atomic_bool has_begun;
	pthread_t thread;
};

static int64_t hold(void *arg)
{
	struct held_call *held = arg;
	atomic_store(&held->has_begun, true);
	sem_post(&held->began);
	sem_wait(&held->may_end);
	return 1;
}

static void *call_held(void *arg)
{
	struct held_call *held = arg;
	const struct hasher_job job = {held->name, hold, held};
	hasher_run(hasher, &job);
	hasher_leave(hasher, held->name);
	return NULL;
}

/* queued: how many are to be in the queue before this returns. */
static void start(struct held_call *held, uint64_t name, int64_t queued)
{
	held->name = name;
	sem_init(&held->began, 0, 0);
	sem_init(&held->may_end, 0, 0);
	atomic_store(&held->has_begun, false);
	assert_true(hasher_enter(hasher, name));
	assert_int_equal(pthread_create(&held->thread, NULL, call_held, held), 0);
	while (queued && hasher_figures(hasher).queued != queued)
		sched_yield();
}

static void end(struct held_call *held)
{
	sem_post(&held->may_end);
	assert_int_equal(pthread_join(held->thread, NULL), 0);
}

static void tries_at_one_name_hold_one_thread(void **state)
{
	(void)state;
	struct held_call first, second, other;
	hasher = hasher_new(2, 8, 8);
	assert_non_null(hasher);
	start(&first, 1, 0);
	sem_wait(&first.began);
	start(&second, 1, 1);
	start(&other, 2, 0);
	sem_wait(&other.began); /* it passes the second */
	assert_false(atomic_load(&second.has_begun));
	end(&other);
	assert_false(atomic_load(&second.has_begun));
	end(&first);
	sem_wait(&second.began);
	end(&second);
	assert_int_equal(hasher_figures(hasher).done, 3);
	assert_int_equal(hasher_figures(hasher).within, 0);
	hasher_free(hasher);
}

static void flooded_names_hold_one_caller_each(void **state)
{
	(void)state;
	hasher = hasher_new(1, 5, 1);
	assert_non_null(hasher);
	assert_true(hasher_enter(hasher, 1));
	assert_true(hasher_enter(hasher, 1)); /* who presses a button twice */
	assert_false(hasher_enter(hasher, 1));
	assert_true(hasher_enter(hasher, 2));
	assert_false(hasher_enter(hasher, 2));
	assert_true(hasher_enter(hasher, 3));
	assert_int_equal(hasher_figures(hasher).within, 4);
	hasher_leave(hasher, 1);
	assert_true(hasher_enter(hasher, 2));
	assert_false(hasher_enter(hasher, 1));
	hasher_leave(hasher, 1);
	hasher_leave(hasher, 2);
	hasher_leave(hasher, 2);
	hasher_leave(hasher, 3);
	assert_int_equal(hasher_figures(hasher).within, 0);
	assert_true(hasher_enter(hasher, 1));
	assert_true(hasher_enter(hasher, 1));
	hasher_leave(hasher, 1);
	hasher_leave(hasher, 1);
	hasher_free(hasher);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_work_is_done_by_no_more_threads_than_asked_for),
		cmocka_unit_test(who_finds_it_full_is_refused),
		cmocka_unit_test(tries_at_one_name_hold_one_thread),
		cmocka_unit_test(flooded_names_hold_one_caller_each),
		cmocka_unit_test(work_has_a_lower_priority_than_its_caller),
	};
	return cmocka_run_group_tests_name("vault/hasher", tests, NULL, NULL);
}
