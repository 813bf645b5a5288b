/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/io/combine.h"
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>

#define JOBS_MAX 80

static const char kind_a, kind_b;

struct job {
	struct combine_job job;
	struct desk *desk;
	int number;
	size_t with; /* how many were worked off together */
	int leader;
	int worked; /* times */
	pthread_t thread, by;
};

/* Where jobs are worked off; closed, whoever works waits in it. */
struct desk {
	struct combine *combine;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool open;
	int rounds, at_work, most_at_work;
	int order[JOBS_MAX], n_done;
};

static void work(void *arg, int leader, struct combine_job *const *jobs, size_t n)
{
	struct desk *desk = arg;
	pthread_mutex_lock(&desk->mutex);
	desk->rounds++;
	desk->at_work++;
	if (desk->at_work > desk->most_at_work)
		desk->most_at_work = desk->at_work;
	pthread_cond_broadcast(&desk->changed);
	while (!desk->open)
		pthread_cond_wait(&desk->changed, &desk->mutex);
	for (size_t i = 0; i < n; i++) {
		struct job *job = (struct job *)jobs[i];
		job->with = n;
		job->leader = leader;
		job->worked++;
		job->by = pthread_self();
		desk->order[desk->n_done++] = job->number;
	}
	desk->at_work--;
	pthread_mutex_unlock(&desk->mutex);
}

static void desk_begin(struct desk *desk, int leaders)
{
	*desk = (struct desk){
		.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
	desk->combine = combine_new(&(struct combine_setup){leaders, desk, work});
}

static void *bring(void *arg)
{
	struct job *job = arg;
	combine_run(job->desk->combine, &job->job);
	return NULL;
}

static void start(struct desk *desk, struct job *job, int number, const void *kind, size_t most)
{
	*job = (struct job){.job = {.kind = kind, .most = most}, .desk = desk, .number = number};
	assert_int_equal(pthread_create(&job->thread, NULL, bring, job), 0);
}

static void await_rounds(struct desk *desk, int n)
{
	pthread_mutex_lock(&desk->mutex);
	while (desk->rounds < n)
		pthread_cond_wait(&desk->changed, &desk->mutex);
	pthread_mutex_unlock(&desk->mutex);
}

static void await_waiting(struct desk *desk, size_t n)
{
	while (combine_figures(desk->combine).waiting != n)
		sched_yield();
}

static void open_desk(struct desk *desk)
{
	pthread_mutex_lock(&desk->mutex);
	desk->open = true;
	pthread_cond_broadcast(&desk->changed);
	pthread_mutex_unlock(&desk->mutex);
}

static void finish(struct desk *desk, struct job *jobs, int n)
{
	open_desk(desk);
	for (int i = 0; i < n; i++)
		assert_int_equal(pthread_join(jobs[i].thread, NULL), 0);
	for (int i = 0; i < n; i++)
		assert_int_equal(jobs[i].worked, 1);
	combine_free(desk->combine);
}

static void alone_it_is_done_at_once_by_its_own_thread(void **state)
{
	struct desk desk;
	(void)state;
	desk_begin(&desk, 1);
	open_desk(&desk);
	for (int i = 0; i < 3; i++) {
		struct job job = {.job = {.kind = &kind_a, .most = 8}, .desk = &desk};
		combine_run(desk.combine, &job.job);
		assert_int_equal(job.with, 1);
		assert_int_equal(job.leader, 0);
		assert_true(pthread_equal(job.by, pthread_self()));
	}
	assert_int_equal(desk.rounds, 3);
	combine_free(desk.combine);
}

static void those_who_wait_are_worked_off_together(void **state)
{
	struct desk desk;
	struct job jobs[6];
	(void)state;
	desk_begin(&desk, 1);
	start(&desk, &jobs[0], 0, &kind_a, 8);
	await_rounds(&desk, 1);
	for (int i = 1; i < 6; i++) {
		start(&desk, &jobs[i], i, &kind_a, 8);
		await_waiting(&desk, (size_t)i);
	}
	finish(&desk, jobs, 6);
	assert_int_equal(desk.rounds, 2);
	assert_int_equal(jobs[0].with, 1);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(desk.order[i], i);
		assert_int_equal(jobs[i].with, i == 0 ? 1 : 5);
		assert_true(pthread_equal(jobs[i].by, jobs[i == 0 ? 0 : 1].thread));
	}
}

static void no_more_together_than_the_kind_allows(void **state)
{
	struct desk desk;
	struct job jobs[8];
	(void)state;
	desk_begin(&desk, 1);
	start(&desk, &jobs[0], 0, &kind_a, 3);
	await_rounds(&desk, 1);
	for (int i = 1; i < 8; i++) {
		start(&desk, &jobs[i], i, &kind_a, 3);
		await_waiting(&desk, (size_t)i);
	}
	finish(&desk, jobs, 8);
	assert_int_equal(desk.rounds, 4); /* 1, 3, 3, 1 */
	assert_int_equal(jobs[3].with, 3);
	assert_int_equal(jobs[7].with, 1);
}

static void kinds_are_not_mixed_and_who_waits_longest_is_next(void **state)
{
	static const int expected[] = {0, 1, 3, 2, 4};
	struct desk desk;
	struct job jobs[5];
	(void)state;
	desk_begin(&desk, 1);
	start(&desk, &jobs[0], 0, &kind_a, 8);
	await_rounds(&desk, 1);
	for (int i = 1; i < 5; i++) {
		start(&desk, &jobs[i], i, i % 2 ? &kind_b : &kind_a, 8);
		await_waiting(&desk, (size_t)i);
	}
	finish(&desk, jobs, 5);
	assert_int_equal(desk.rounds, 3);
	assert_memory_equal(desk.order, expected, sizeof expected);
}

static void so_many_lead_at_once_and_each_has_its_number(void **state)
{
	struct desk desk;
	struct job jobs[5];
	(void)state;
	desk_begin(&desk, 2);
	start(&desk, &jobs[0], 0, &kind_a, 8);
	await_rounds(&desk, 1);
	start(&desk, &jobs[1], 1, &kind_a, 8);
	await_rounds(&desk, 2);
	for (int i = 2; i < 5; i++) {
		start(&desk, &jobs[i], i, &kind_a, 8);
		await_waiting(&desk, (size_t)i - 1);
	}
	assert_int_equal(desk.at_work, 2);
	finish(&desk, jobs, 5);
	assert_int_equal(desk.most_at_work, 2);
	assert_int_equal(jobs[0].leader + jobs[1].leader, 1);
}

/* Nobody is forgotten, however they meet. */
static void *bring_many(void *arg)
{
	struct job *job = arg;
	for (int i = 0; i < 2000; i++) {
		struct job one = {
			.job = {.kind = i % 3 ? &kind_a : &kind_b, .most = 4}, .desk = job->desk};
		combine_run(job->desk->combine, &one.job);
		if (one.worked != 1)
			return NULL;
		job->worked++;
	}
	return NULL;
}

static void work_count(void *arg, int leader, struct combine_job *const *jobs, size_t n)
{
	(void)arg;
	(void)leader;
	for (size_t i = 0; i < n; i++)
		((struct job *)jobs[i])->worked++;
}

static void nobody_is_forgotten(void **state)
{
	struct desk desk = {.combine = combine_new(&(struct combine_setup){2, NULL, work_count})};
	struct job jobs[8];
	(void)state;
	for (int i = 0; i < 8; i++) {
		jobs[i] = (struct job){.desk = &desk};
		assert_int_equal(pthread_create(&jobs[i].thread, NULL, bring_many, &jobs[i]), 0);
	}
	for (int i = 0; i < 8; i++) {
		assert_int_equal(pthread_join(jobs[i].thread, NULL), 0);
		assert_int_equal(jobs[i].worked, 2000);
	}
	const struct combine_figures figures = combine_figures(desk.combine);
	assert_int_equal(figures.jobs, 16000);
	assert_int_equal(figures.waiting, 0);
	combine_free(desk.combine);
	combine_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alone_it_is_done_at_once_by_its_own_thread),
		cmocka_unit_test(those_who_wait_are_worked_off_together),
		cmocka_unit_test(no_more_together_than_the_kind_allows),
		cmocka_unit_test(kinds_are_not_mixed_and_who_waits_longest_is_next),
		cmocka_unit_test(so_many_lead_at_once_and_each_has_its_number),
		cmocka_unit_test(nobody_is_forgotten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
