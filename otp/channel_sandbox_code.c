/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/channel.h"

static struct result judge(const struct channel_facts *facts, struct channel_decision *out)
{
	bool good = facts->secret.len == SHA256_LEN && facts->code_hash.len == SHA256_LEN &&
		    crypto_equal(facts->secret.data, facts->code_hash.data, SHA256_LEN);
	*out = (struct channel_decision){good, good ? NULL : "wrong_code", 0};
	return OK;
}

const struct channel channel_sandbox_code = {"sandbox_code", "otp", LEVEL_2, true, judge};
