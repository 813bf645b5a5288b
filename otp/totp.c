/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/totp.h"
#include <liboath/oath.h>
#include <string.h>

struct result totp_generate(
	struct bytes seed, int64_t step, unsigned digits, char out[static TOTP_DIGITS_MAX + 1])
{
	if (step < 0 || digits < 6 || digits > TOTP_DIGITS_MAX)
		FAIL(ERR_BOUNDS);
	/* The library's own set-up; it does nothing the second time. */
	if (oath_init() != OATH_OK)
		FAIL(ERR_CRYPTO);
	int rc = oath_hotp_generate((const char *)seed.data, seed.len, (uint64_t)step, digits,
		false, OATH_HOTP_DYNAMIC_TRUNCATION, out);
	if (rc != OATH_OK)
		FAIL(ERR_CRYPTO);
	return OK;
}

/* liboath would take seven and eight digits for six, so they are counted here. */
static bool well_formed(const char *code)
{
	if (strnlen(code, TOTP_DIGITS + 1) != TOTP_DIGITS)
		return false;
	for (const char *c = code; *c; c++)
		if (*c < '0' || *c > '9')
			return false;
	return true;
}

struct result totp_judge(
	const struct totp_facts *facts, const char *code, enum totp_verdict *verdict, int64_t *step)
{
	*verdict = TOTP_WRONG;
	if (!well_formed(code))
		return OK;
	int64_t current = facts->now_s / TOTP_STEP_S;
	/* The older one first: where both fit, the newer is taken and spends both. */
	for (int64_t tried = current - 1; tried <= current; tried++) {
		char expected[TOTP_DIGITS_MAX + 1];
		TRY(totp_generate(facts->seed, tried, TOTP_DIGITS, expected));
		bool same = crypto_equal(expected, code, TOTP_DIGITS);
		explicit_bzero(expected, sizeof expected);
		if (!same)
			continue;
		*verdict = tried > facts->last_step ? TOTP_GOOD : TOTP_REPLAYED;
		*step = tried;
	}
	return OK;
}
