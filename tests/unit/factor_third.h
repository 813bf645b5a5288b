/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A third kind of second factor, for tests alone: one file like otp/factor_<kind>.c, and one row in
 * the test's own table. It shows that nothing else has to change: a code of the weekday and a word,
 * of level 1, stored as a hash, without steps.
 */
#ifndef PRATU_TESTS_FACTOR_THIRD_H
#define PRATU_TESTS_FACTOR_THIRD_H

#include "otp/factor.h"
#include <string.h>

static inline bool third_read(struct arena *arena, const char *value, struct bytes *out)
{
	if (strlen(value) < 6)
		return false;
	*out = (struct bytes){arena_memdup(arena, value, strlen(value)), strlen(value)};
	return true;
}

static inline struct result third_judge(
	const struct factor_facts *facts, struct factor_decision *out)
{
	const bool good = facts->secret.len == SHA256_LEN && facts->code_hash.len == SHA256_LEN &&
			  crypto_equal(facts->secret.data, facts->code_hash.data, SHA256_LEN);
	*out = (struct factor_decision){good, good ? NULL : "wrong_code", 0};
	return OK;
}

static const struct factor factor_third = {
	.kind = "third",
	.amr = "kba",
	.level = LEVEL_1,
	.storage = FACTOR_HASHED,
	.hash_label = "third",
	.member = "third_word",
	.expected = "expected 6 characters at least",
	.read = third_read,
	.judge = third_judge,
};

static const struct factor *const third_rows[] = {
	&factor_totp, &factor_sandbox_code, &factor_third};
static const struct factor_table third_table = {third_rows, 3};

#endif
