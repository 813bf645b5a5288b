/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time-based one-time passwords (RFC 6238) on liboath; the only place that includes it. It judges a
 * typed code against a seed and the last step that was accepted. Counting of failures and storing
 * of the step are the caller's. Pure: the time is an argument.
 */
#ifndef PRATU_OTP_TOTP_H
#define PRATU_OTP_TOTP_H

#include "idp/base/crypto.h"
#include "idp/base/result.h"
#include <stdint.h>

#define TOTP_STEP_S 30
#define TOTP_DIGITS 6
#define TOTP_DIGITS_MAX 8

/* The code of one step (seconds since 1970 / 30), HMAC-SHA-1, 6 to 8 digits, into out with a NUL.
 * ERR_CRYPTO. RFC 4226 s5.3. */
MUST_CHECK struct result totp_generate(
	struct bytes seed, int64_t step, unsigned digits, char out[static TOTP_DIGITS_MAX + 1]);

enum totp_verdict {
	TOTP_GOOD,
	TOTP_WRONG,
	TOTP_REPLAYED, /* right, but its step or a later one was accepted already (RFC 6238 s5.2) */
};

struct totp_facts {
	struct bytes seed;
	int64_t last_step; /* the last one accepted, 0 if none */
	int64_t now_s;
};

/* Judge code: exactly six ASCII digits, of this step or the one before (RFC 6238 s5.2). On
 * TOTP_GOOD *step is what must become the last step. ERR_CRYPTO. */
MUST_CHECK struct result totp_judge(const struct totp_facts *facts, const char *code,
	enum totp_verdict *verdict, int64_t *step);

#endif
