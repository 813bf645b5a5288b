/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/factor.h"
#include "otp/seed.h"
#include "otp/totp.h"
#include <string.h>

static const char *const reasons[] = {
	[TOTP_GOOD] = NULL,
	[TOTP_WRONG] = "wrong_code",
	[TOTP_REPLAYED] = "replayed",
};

static bool read_seed(struct arena *arena, const char *value, struct bytes *out)
{
	uint8_t seed[SEED_MAX];
	size_t len = 0;
	const bool good = seed_decode(value, seed, &len);
	if (good)
		*out = (struct bytes){arena_memdup(arena, seed, len), len};
	explicit_bzero(seed, sizeof seed);
	return good;
}

/* Steps that are void count as used. */
static int64_t last_step(const struct factor_facts *facts)
{
	const int64_t last_void = (facts->steps_from_s + TOTP_STEP_S - 1) / TOTP_STEP_S - 1;
	return last_void > facts->counter ? last_void : facts->counter;
}

static struct result judge(const struct factor_facts *facts, struct factor_decision *out)
{
	const struct totp_facts totp = {facts->secret, last_step(facts), facts->now_s};
	enum totp_verdict verdict;
	int64_t step = 0;
	TRY(totp_judge(&totp, facts->code, &verdict, &step));
	*out = (struct factor_decision){verdict == TOTP_GOOD, reasons[verdict], step};
	return OK;
}

const struct factor factor_totp = {
	.kind = "totp",
	.amr = "otp",
	.level = LEVEL_2,
	.has_steps = true,
	.storage = FACTOR_SEALED,
	.member = "totp_secret",
	.expected = "expected 16 to 64 bytes in base32: A to Z and 2 to 7 (RFC 4648 section 6)",
	.read = read_seed,
	.judge = judge,
};
