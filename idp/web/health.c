/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/health.h"
#include <stdatomic.h>
#include <stdlib.h>

struct health {
	/* When the last question was put that was answered well; 0: none, or one since was not. */
	atomic_llong asked_us[HEALTH_PARTS];
};

struct health *health_new(void)
{
	struct health *health = calloc(1, sizeof *health);
	if (!health)
		abort();
	return health;
}

void health_free(struct health *health)
{
	free(health);
}

void health_note(
	struct health *health, enum health_part part, int64_t asked_us, struct result result)
{
	atomic_store(&health->asked_us[part], result.err == ERR_NONE ? asked_us : 0);
}

bool health_is_well(const struct health *health, enum health_part part, int64_t now_us)
{
	const int64_t asked_us = health ? atomic_load(&health->asked_us[part]) : 0;
	return asked_us > 0 && now_us - asked_us <= HEALTH_FRESH_US;
}
