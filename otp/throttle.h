/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a wrong password or code delays the next try, and how many wrong codes a factor allows.
 * The counters are in the database; these are the rules. Pure.
 */
#ifndef PRATU_OTP_THROTTLE_H
#define PRATU_OTP_THROTTLE_H

#include <stdint.h>

#define THROTTLE_FACTOR_FREE 3 /* wrong codes that cost no delay */
#define THROTTLE_FACTOR_FAILURES_MAX \
	50 /* within 30 days; then the factor must be registered again */
#define THROTTLE_FAILURES_MAX 10000 /* more are not counted: the delay no longer grows */

/* Seconds that the next try of a password waits after that many failures (1 or more): 1, doubling,
 * at most an hour. */
int64_t throttle_password_delay_s(int64_t failures);
/* Seconds after which that many failures are forgotten: so late that whoever waits for it has no
 * more tries than one an hour. */
int64_t throttle_password_forget_s(int64_t failures);
/* Seconds that the next code waits after that many failures; 0 up to THROTTLE_FACTOR_FREE, then 1,
 * doubling, at most an hour. */
int64_t throttle_factor_delay_s(int64_t failures);

#endif
