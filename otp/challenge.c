/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/challenge.h"
#include <string.h>

#define HOUR_MS 3600000

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Milliseconds until span_ms have gone by since what happened ago_ms ago; -1: it did not happen. */
static int64_t rest_ms(int64_t ago_ms, int64_t span_ms)
{
	return ago_ms < 0 ? 0 : larger(0, span_ms - ago_ms);
}

/* The targets' own limits. */
static bool waits(const struct challenge_facts *facts, struct challenge_decision *out)
{
	int64_t soon_ms = 0, often_ms = 0;
	for (size_t i = 0; i < facts->n; i++) {
		const struct challenge_target *target = &facts->targets[i];
		soon_ms = larger(soon_ms, rest_ms(target->last_ms, CHALLENGE_RESEND_S * 1000));
		often_ms = larger(often_ms, rest_ms(target->nth_ms, HOUR_MS));
	}
	if (soon_ms == 0 && often_ms == 0)
		return false;
	*out = (struct challenge_decision){CHALLENGE_WAIT, often_ms > soon_ms ? "target" : "resend",
		(larger(soon_ms, often_ms) + 999) / 1000, NULL};
	return true;
}

bool challenge_prefix_allowed(const char *number, const char *prefixes)
{
	while (*prefixes) {
		const size_t len = strcspn(prefixes, " ");
		if (len > 0 && strncmp(number, prefixes, len) == 0)
			return true;
		prefixes += len + (prefixes[len] == ' ');
	}
	return false;
}

static bool full(struct challenge_count count)
{
	return count.sent >= count.most;
}

/* What stands against a message, whoever's it is; NULL: nothing. */
static const char *against(const struct challenge_facts *facts)
{
	if (full(facts->address))
		return "address";
	if (!facts->number)
		return NULL;
	if (!challenge_prefix_allowed(facts->number, facts->prefixes))
		return "prefix";
	if (full(facts->range))
		return "range";
	return full(facts->hour) || full(facts->day) ? "budget" : NULL;
}

static const char *spent(const struct challenge_facts *facts)
{
	if (!facts->number)
		return NULL;
	if (facts->day.sent + 1 == facts->day.most)
		return "day";
	return facts->hour.sent + 1 == facts->hour.most ? "hour" : NULL;
}

struct challenge_decision challenge_decide(const struct challenge_facts *facts)
{
	struct challenge_decision out = {CHALLENGE_SEND, NULL, 0, NULL};
	const char *const reason = against(facts);
	if (reason)
		return (struct challenge_decision){CHALLENGE_REFUSED, reason, 0, NULL};
	if (!waits(facts, &out))
		out.spent = spent(facts);
	return out;
}
