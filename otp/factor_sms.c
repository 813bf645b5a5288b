/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/delivered.h"

/* Allowed, but never the only way offered (NIST SP 800-63B-4 s3.1.3.3). */
#define CHANNELS FACTOR_SMS

static bool read_target(struct arena *arena, const char *value, struct bytes *out)
{
	return delivered_read(arena, CHANNELS, value, out);
}

const struct factor factor_sms = {
	.kind = "sms",
	.amr = "sms",
	.level = LEVEL_2,
	.channels = CHANNELS,
	.storage = FACTOR_SEALED,
	.member = "sms_number",
	.expected = "expected a mobile number in the form +66812345678",
	.read = read_target,
	.judge = delivered_judge,
};
