/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a code may be sent now. What was sent is counted by the caller, under locks; these are
 * the rules: against a citizen's impatience (one message in 30 s), against strangers who flood
 * somebody (five an hour to one number or mailbox), and against those who earn by messages to
 * numbers of their own, whom each message pays (by address, by range of numbers, in sum). Pure.
 */
#ifndef PRATU_OTP_CHALLENGE_H
#define PRATU_OTP_CHALLENGE_H

#include "idp/base/str.h"

#define CHALLENGE_TTL_S 300 /* that a code lives */
#define CHALLENGE_TRIES 3 /* of one code */
#define CHALLENGE_DIGITS 6
#define CHALLENGE_RESEND_S 30 /* between two messages to one number or mailbox */
#define CHALLENGE_TARGET_HOUR 5 /* messages to one of them */
#define CHALLENGE_RANGE_DIGITS 4 /* a range: the numbers that differ in so many last digits */

/* One number or mailbox: how long ago messages were sent to it, -1: there was no such one. */
struct challenge_target {
	int64_t last_ms; /* the last one */
	int64_t nth_ms; /* the one CHALLENGE_TARGET_HOUR before the next */
};

/* Messages so far, and how many there may be. */
struct challenge_count {
	int64_t sent, most;
};

struct challenge_facts {
	const struct challenge_target *targets;
	size_t n; /* of targets */
	const char *number; /* that a message would go to, E.164; NULL: e-mail alone. The last
			       three are looked at only with it */
	const char *prefixes; /* that are allowed, space-separated: "+66 +856" */
	struct challenge_count address; /* by who asks, in this hour */
	struct challenge_count range; /* to numbers of the same range, in this hour */
	struct challenge_count hour, day; /* short messages in all: the budget */
};

enum challenge_verdict {
	CHALLENGE_SEND,
	CHALLENGE_WAIT, /* the target had one a moment ago, or too many within the hour */
	CHALLENGE_REFUSED, /* the citizen cannot change it by waiting a moment */
};

struct challenge_decision {
	enum challenge_verdict verdict;
	const char *reason; /* unless SEND, a short fixed word for counts: "resend", "target",
			       "address", "prefix", "range", "budget" */
	int64_t wait_s; /* WAIT: at least 1 */
	const char *spent; /* SEND: "hour" or "day" if this message is the last that the budget
			      allows; NULL otherwise */
};

/* May a code be sent now? */
struct challenge_decision challenge_decide(const struct challenge_facts *facts);
/* Does the number begin with one of the prefixes, space-separated? */
bool challenge_prefix_allowed(const char *number, const char *prefixes);

#endif
