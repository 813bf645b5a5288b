/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/clock.h"
#include <stddef.h>
#include <time.h>

static int64_t system_now_ms(void *arg)
{
	struct timespec now = {0};
	(void)arg;
	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock on Linux */
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct clock clock_system(void)
{
	return (struct clock){system_now_ms, NULL};
}

int64_t clock_now_ms(const struct clock *clock)
{
	return clock->now_ms(clock->arg);
}

int64_t clock_now_s(const struct clock *clock)
{
	return clock_now_ms(clock) / 1000;
}

int64_t clock_monotonic_us(void)
{
	struct timespec now = {0};
	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock on Linux */
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
