/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/courier/bell.h"
#include "idp/base/clock.h"
#include <time.h>

void bell_init(struct bell *bell)
{
	pthread_condattr_t attr;
	*bell = (struct bell){.pending = false};
	pthread_mutex_init(&bell->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&bell->rung, &attr);
	pthread_condattr_destroy(&attr);
}

void bell_destroy(struct bell *bell)
{
	pthread_cond_destroy(&bell->rung);
	pthread_mutex_destroy(&bell->mutex);
}

void bell_ring(struct bell *bell)
{
	pthread_mutex_lock(&bell->mutex);
	bell->pending = true;
	pthread_cond_signal(&bell->rung);
	pthread_mutex_unlock(&bell->mutex);
}

bool bell_wait(struct bell *bell, int64_t timeout_ms)
{
	const int64_t until_us = clock_monotonic_us() + timeout_ms * 1000;
	const struct timespec until = {
		.tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000};
	int rc = 0;
	pthread_mutex_lock(&bell->mutex);
	while (!bell->pending && !bell->stopping && rc == 0)
		rc = pthread_cond_timedwait(&bell->rung, &bell->mutex, &until);
	bell->pending = false;
	const bool go_on = !bell->stopping;
	pthread_mutex_unlock(&bell->mutex);
	return go_on;
}

void bell_stop(struct bell *bell)
{
	pthread_mutex_lock(&bell->mutex);
	bell->stopping = true;
	pthread_cond_broadcast(&bell->rung);
	pthread_mutex_unlock(&bell->mutex);
}
