/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One try of a second factor: what a typed code means, given the factors that a citizen has and
 * what was counted in each. The caller holds the factors' lock, and applies the judgement in
 * the same transaction. Pure.
 */
#ifndef PRATU_OTP_FACTOR_JUDGE_H
#define PRATU_OTP_FACTOR_JUDGE_H

#include "otp/factor.h"

/* A factor that the citizen has. */
struct factor_bound {
	const struct factor *factor;
	struct factor_facts facts;
	bool blocked; /* had too many wrong codes, until it is registered again */
	int64_t failures, since_ms; /* of the device's bucket, and how long ago the last one was */
	int64_t total; /* failures of all devices */
};

struct factor_try {
	const struct factor_bound *items;
	size_t n;
	const char *kind; /* that the code is for; NULL: each but those whose code is sent */
	bool sandbox; /* is the setting mode = sandbox */
};

enum factor_verdict {
	FACTOR_RIGHT,
	FACTOR_WRONG,
	FACTOR_WAIT, /* the delay after earlier failures runs: the code was not looked at */
	FACTOR_BLOCKED, /* no factor is left that would be looked at */
	FACTOR_LATE, /* no code that was sent is live: too old, tried too often, or none was sent */
	FACTOR_NONE, /* the citizen has no such factor */
};

struct factor_judgement {
	enum factor_verdict verdict;
	const char *reason; /* unless RIGHT: a short fixed word for the audit log */
	const struct factor_bound *right; /* RIGHT: the one that fits */
	int64_t step; /* RIGHT: what must become its counter, if it has steps */
	int64_t wait_s; /* WAIT: at least 1 */
	struct str_list tried; /* WRONG: the kinds in which one failure counts */
	struct str_list blocked; /* WRONG: those of them that are blocked by it */
	struct str_list earned; /* RIGHT: the kinds whose failures of this device are forgotten:
				   those that were tried, and earn no higher level */
};

/* Judge one try; *out points into the arena and into in. Each factor that could be tried is judged,
 * whichever fits. ERR_CRYPTO. */
MUST_CHECK struct result factor_judge(
	struct arena *arena, const struct factor_try *in, struct factor_judgement *out);

#endif
