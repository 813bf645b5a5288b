/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/throttle.h"

#define HOUR_S 3600
#define DOUBLINGS 12 /* 2^12 s are more than an hour */

static int64_t delay_s(int64_t nth)
{
	if (nth < 1)
		return 0;
	return nth > DOUBLINGS ? HOUR_S : INT64_C(1) << (nth - 1);
}

int64_t throttle_password_delay_s(int64_t failures)
{
	return delay_s(failures);
}

int64_t throttle_password_forget_s(int64_t failures)
{
	return delay_s(failures) + failures * HOUR_S;
}

int64_t throttle_factor_delay_s(int64_t failures)
{
	return delay_s(failures - THROTTLE_FACTOR_FREE);
}
