/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/io/lane.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

/* Jobs that wait at a gate, so that a test knows what is running and what is waiting. */
struct gate {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool open;
	int entered, left, dropped;
	int order[64];
	int workers_seen;
};

struct job {
	struct lane_job job;
	int number;
};

static void work(void *arg, int worker, struct lane_job *job)
{
	struct gate *gate = arg;
	pthread_mutex_lock(&gate->mutex);
	gate->order[gate->entered++] = ((struct job *)job)->number;
	gate->workers_seen |= 1 << worker;
	pthread_cond_broadcast(&gate->changed);
	while (!gate->open)
		pthread_cond_wait(&gate->changed, &gate->mutex);
	gate->left++;
	pthread_cond_broadcast(&gate->changed);
	pthread_mutex_unlock(&gate->mutex);
}

static void drop(void *arg, struct lane_job *job)
{
	(void)job;
	((struct gate *)arg)->dropped++;
}

static void await_entered(struct gate *gate, int n)
{
	pthread_mutex_lock(&gate->mutex);
	while (gate->entered < n)
		pthread_cond_wait(&gate->changed, &gate->mutex);
	pthread_mutex_unlock(&gate->mutex);
}

static void open_gate(struct gate *gate)
{
	pthread_mutex_lock(&gate->mutex);
	gate->open = true;
	pthread_cond_broadcast(&gate->changed);
	pthread_mutex_unlock(&gate->mutex);
}

static struct gate gate_closed(void)
{
	return (struct gate){
		PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, 0, 0, 0, {0}, 0};
}

static struct lane *lane_of(struct gate *gate, int64_t workers, int64_t capacity)
{
	const struct lane_setup setup = {workers, capacity, gate, work, drop};
	struct lane *lane = NULL;
	assert_ok(lane_new(&setup, &lane));
	return lane;
}

static void fill(struct lane *lane, struct job *jobs, int n)
{
	for (int i = 0; i < n; i++) {
		jobs[i].number = i;
		assert_true(lane_reserve(lane));
		lane_push(lane, &jobs[i].job);
	}
}

static void works_in_order(void **state)
{
	struct gate gate = gate_closed();
	struct job jobs[20];
	struct lane *lane = lane_of(&gate, 1, 32);
	(void)state;
	open_gate(&gate);
	fill(lane, jobs, 20);
	await_entered(&gate, 20);
	lane_stop(lane);
	for (int i = 0; i < 20; i++)
		assert_int_equal(gate.order[i], i);
	assert_int_equal(lane_figures(lane).done, 20);
	lane_free(lane);
}

static void each_worker_has_its_number(void **state)
{
	struct gate gate = gate_closed();
	struct job jobs[3];
	struct lane *lane = lane_of(&gate, 3, 8);
	(void)state;
	fill(lane, jobs, 3);
	await_entered(&gate, 3);
	assert_int_equal(lane_figures(lane).running, 3);
	open_gate(&gate);
	lane_stop(lane);
	assert_int_equal(gate.workers_seen, 7);
	lane_free(lane);
}

static void await_done(struct lane *lane, int n)
{
	while (lane_figures(lane).done < n)
		sched_yield();
}

/* A worker rests in the same breath as it counts its job as done. */
static void who_rested_last_works_next(void **state)
{
	struct gate gate = gate_closed();
	struct job jobs[3], next[8];
	struct lane *lane = lane_of(&gate, 3, 8);
	(void)state;
	fill(lane, jobs, 3);
	await_entered(&gate, 3);
	open_gate(&gate);
	await_done(lane, 3);
	gate.workers_seen = 0;
	for (int i = 0; i < 8; i++) {
		fill(lane, &next[i], 1);
		await_done(lane, 4 + i);
	}
	assert_int_equal(__builtin_popcount((unsigned)gate.workers_seen), 1);
	lane_stop(lane);
	lane_free(lane);
}

static void a_full_lane_refuses(void **state)
{
	struct gate gate = gate_closed();
	struct job jobs[3];
	struct lane *lane = lane_of(&gate, 1, 2);
	(void)state;
	fill(lane, jobs, 1);
	await_entered(&gate, 1);
	fill(lane, jobs + 1, 2);
	assert_false(lane_reserve(lane));
	assert_false(lane_reserve(lane));
	const struct lane_figures figures = lane_figures(lane);
	assert_int_equal(figures.running, 1);
	assert_int_equal(figures.waiting, 2);
	assert_int_equal(figures.refused, 2);
	open_gate(&gate);
	await_entered(&gate, 3);
	assert_true(lane_reserve(lane));
	lane_stop(lane);
	lane_free(lane);
}

static void *open_later(void *arg)
{
	open_gate(arg);
	return NULL;
}

static void the_end_drops_what_waits_and_awaits_what_runs(void **state)
{
	struct gate gate = gate_closed();
	struct job jobs[4], late;
	pthread_t opener;
	struct lane *lane = lane_of(&gate, 1, 8);
	(void)state;
	fill(lane, jobs, 1);
	await_entered(&gate, 1);
	fill(lane, jobs + 1, 3);
	assert_true(lane_reserve(lane));
	assert_int_equal(pthread_create(&opener, NULL, open_later, &gate), 0);
	lane_stop(lane);
	pthread_join(opener, NULL);
	/* The opener may have been faster than the stop: every job was either worked or dropped. */
	assert_int_equal(gate.left + gate.dropped, 4);
	assert_true(gate.left >= 1);
	const int dropped = gate.dropped;
	lane_push(lane, &late.job);
	assert_int_equal(gate.dropped, dropped + 1);
	assert_false(lane_reserve(lane));
	lane_free(lane);
}

static void nothing_can_be_stopped_and_freed(void **state)
{
	(void)state;
	lane_stop(NULL);
	lane_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(works_in_order),
		cmocka_unit_test(each_worker_has_its_number),
		cmocka_unit_test(who_rested_last_works_next),
		cmocka_unit_test(a_full_lane_refuses),
		cmocka_unit_test(the_end_drops_what_waits_and_awaits_what_runs),
		cmocka_unit_test(nothing_can_be_stopped_and_freed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
