/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/courier/breaker.h"

#define PROBE_LOOK_US 100000 /* until a probe that is under way may have ended */

void breaker_init(struct breaker *breaker)
{
	*breaker = (struct breaker){.failures = 0};
	pthread_mutex_init(&breaker->mutex, NULL);
}

void breaker_destroy(struct breaker *breaker)
{
	pthread_mutex_destroy(&breaker->mutex);
}

bool breaker_permits(struct breaker *breaker, int64_t now_us)
{
	pthread_mutex_lock(&breaker->mutex);
	const bool open = breaker->rest_until_us > 0;
	const bool yes = !open || (now_us >= breaker->rest_until_us && !breaker->probing);
	if (yes && open)
		breaker->probing = true;
	pthread_mutex_unlock(&breaker->mutex);
	return yes;
}

void breaker_note(struct breaker *breaker, bool works, int64_t now_us)
{
	pthread_mutex_lock(&breaker->mutex);
	breaker->failures = works ? 0 : breaker->failures + 1;
	breaker->probing = false;
	if (works)
		breaker->rest_until_us = 0;
	else if (breaker->failures >= BREAKER_FAILURES)
		breaker->rest_until_us = now_us + BREAKER_REST_US;
	pthread_mutex_unlock(&breaker->mutex);
}

void breaker_unused(struct breaker *breaker)
{
	pthread_mutex_lock(&breaker->mutex);
	breaker->probing = false;
	pthread_mutex_unlock(&breaker->mutex);
}

int64_t breaker_wait_us(struct breaker *breaker, int64_t now_us)
{
	int64_t wait_us = 0;
	pthread_mutex_lock(&breaker->mutex);
	if (breaker->rest_until_us > now_us)
		wait_us = breaker->rest_until_us - now_us;
	else if (breaker->probing)
		wait_us = PROBE_LOOK_US;
	pthread_mutex_unlock(&breaker->mutex);
	return wait_us;
}
