/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kinds of second factors share whose code is sent (factor_sms.c, factor_email.c,
 * factor_sms_and_email.c): whereto, how it is written and shown, and how a code is judged. Pure.
 */
#ifndef PRATU_OTP_DELIVERED_H
#define PRATU_OTP_DELIVERED_H

#include "otp/factor.h"

/* Whereto codes are sent: NULL where the kind has not that channel. */
struct delivered_target {
	const char *number; /* E.164: "+66812345678" */
	const char *mailbox; /* "somchai@mail.example" */
};

/* Read a value of `pratu apply`: a number, a mailbox, or number and mailbox with a space between,
 * as channels (of enum factor_channel) say. *out, in the arena, is what is sealed. False: it is
 * not of that form. */
bool delivered_read(struct arena *arena, unsigned channels, const char *value, struct bytes *out);
/* The target in what was sealed. In the arena. */
struct delivered_target delivered_target(struct arena *arena, struct bytes secret);
/* So much of it as its owner needs to know it by: "•••• 5678", "s•••@e•••.example", or both. In the
 * arena. */
const char *delivered_hint(struct arena *arena, const struct delivered_target *target);
/* Is the code the one that was sent? sent_hash has data. */
MUST_CHECK struct result delivered_judge(
	const struct factor_facts *facts, struct factor_decision *out);

#endif
