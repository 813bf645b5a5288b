/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/factor.h"
#include <string.h>

/* A fixed code of a test citizen. */
#define LEN_MIN 4
#define LEN_MAX 16

static bool read_code(struct arena *arena, const char *value, struct bytes *out)
{
	const size_t len =
		strspn(value, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	if (value[len] != '\0' || len < LEN_MIN || len > LEN_MAX)
		return false;
	*out = (struct bytes){arena_memdup(arena, value, len), len};
	return true;
}

static struct result judge(const struct factor_facts *facts, struct factor_decision *out)
{
	const bool good = facts->secret.len == SHA256_LEN && facts->code_hash.len == SHA256_LEN &&
			  crypto_equal(facts->secret.data, facts->code_hash.data, SHA256_LEN);
	*out = (struct factor_decision){good, good ? NULL : "wrong_code", 0};
	return OK;
}

const struct factor factor_sandbox_code = {
	.kind = "sandbox_code",
	.amr = "otp",
	.level = LEVEL_2,
	.sandbox_only = true,
	.storage = FACTOR_HASHED,
	.hash_label = "", /* as stored by the first release */
	.member = "sandbox_code",
	.expected = "expected 4 to 16 ASCII letters and digits",
	.read = read_code,
	.judge = judge,
};
