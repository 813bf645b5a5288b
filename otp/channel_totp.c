/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/channel.h"
#include "otp/totp.h"

static const char *const reasons[] = {
	[TOTP_GOOD] = NULL,
	[TOTP_WRONG] = "wrong_code",
	[TOTP_REPLAYED] = "replayed",
};

static struct result judge(const struct channel_facts *facts, struct channel_decision *out)
{
	struct totp_facts totp = {facts->secret, facts->last_step, facts->now_s};
	enum totp_verdict verdict;
	int64_t step = 0;
	TRY(totp_judge(&totp, facts->code, &verdict, &step));
	*out = (struct channel_decision){verdict == TOTP_GOOD, reasons[verdict], step};
	return OK;
}

const struct channel channel_totp = {"totp", "otp", LEVEL_2, false, judge};
