/* SPDX-License-Identifier: Apache-2.0 */
/* The only source of time, so that tests can set the clock. */
#ifndef PRATU_BASE_CLOCK_H
#define PRATU_BASE_CLOCK_H

#include <stdint.h>

struct clock {
	int64_t (*now_ms)(void *arg);
	void *arg;
};

/* The system's wall clock. */
struct clock clock_system(void);
/* Unix milliseconds, and seconds. */
int64_t clock_now_ms(const struct clock *clock);
int64_t clock_now_s(const struct clock *clock);
/* Monotonic microseconds, for durations only. */
int64_t clock_monotonic_us(void);

#endif
