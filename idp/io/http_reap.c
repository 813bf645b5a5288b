/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/http_reap.h"

#define IDLE_FIRST (INT64_C(1) << 60)
#define SILENT_NEXT (INT64_C(1) << 59)

bool http_reap_due(
	const struct http_limits *limits, enum http_state state, int64_t age_us, int64_t n_idle)
{
	switch (state) {
	case HTTP_STATE_RECEIVING:
		return age_us >= limits->receive_us;
	case HTTP_STATE_HANDLING:
		return false;
	case HTTP_STATE_SENDING:
		return age_us >= limits->send_us;
	case HTTP_STATE_IDLE:
		return age_us >=
		       (n_idle > limits->idle_many ? limits->idle_many_us : limits->idle_us);
	}
	return false;
}

int64_t http_reap_rank(
	const struct http_limits *limits, enum http_state state, bool silent, int64_t age_us)
{
	if (state == HTTP_STATE_IDLE)
		return IDLE_FIRST + age_us;
	if (state != HTTP_STATE_RECEIVING)
		return 0;
	if (silent)
		return age_us >= limits->evict_silent_us ? SILENT_NEXT + age_us : 0;
	return age_us >= limits->evict_after_us ? age_us : 0;
}
