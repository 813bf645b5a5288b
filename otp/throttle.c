/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/throttle.h"

const char *throttle_delays_sql(void)
{
	return "{1,2,4,8,16,32,64,128,256,512,1024,2048,3600}";
}
