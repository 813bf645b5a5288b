/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/throttle.h"

int64_t throttle_delay_s(int64_t failures)
{
	if (failures <= 0)
		return 0;
	if (failures >= THROTTLE_DELAYS)
		return THROTTLE_DELAY_MAX_S;
	return INT64_C(1) << (failures - 1);
}

const char *throttle_delays_sql(void)
{
	return "{1,2,4,8,16,32,64,128,256,512,1024,2048,3600}";
}
