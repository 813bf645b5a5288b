/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the vault and the database answer, as /health/ready tells: each is asked twice a second
 * in the background (upkeep.c), and counts as well only while the last question that it answered
 * was put within HEALTH_FRESH_US. So an answer is never older, however long one that hangs is
 * waited for, and who asks /health/ready causes no load behind it.
 */
#ifndef PRATU_WEB_HEALTH_H
#define PRATU_WEB_HEALTH_H

#include "idp/base/result.h"
#include <stdbool.h>
#include <stdint.h>

#define HEALTH_FRESH_US INT64_C(2000000)
#define HEALTH_EVERY_MS 500

enum health_part {
	HEALTH_VAULT,
	HEALTH_DATABASE,
	HEALTH_PARTS,
};

struct health;

/* Of nothing that was asked yet: neither is well. Owned by the caller; never NULL. */
struct health *health_new(void);
/* NULL-safe. */
void health_free(struct health *health);
/* The part was asked at asked_us (clock_monotonic_us) and answered as result says. Any thread. */
void health_note(
	struct health *health, enum health_part part, int64_t asked_us, struct result result);
/* Is it well at now_us? Any thread; asks nobody. health NULL: it is not. */
bool health_is_well(const struct health *health, enum health_part part, int64_t now_us);

#endif
