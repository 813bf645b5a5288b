/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/clock.h"
#include <stddef.h>
#include <time.h>

static int64_t system_now_s(void *arg)
{
	(void)arg;
	return (int64_t)time(NULL);
}

struct clock clock_system(void)
{
	return (struct clock){system_now_s, NULL};
}

int64_t clock_now_s(const struct clock *clock)
{
	return clock->now_s(clock->arg);
}

int64_t clock_monotonic_us(void)
{
	struct timespec now = {0};
	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock on Linux */
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
