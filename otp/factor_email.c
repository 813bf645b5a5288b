/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/delivered.h"

/* E-mail is no second device: NIST SP 800-63B-4 s3.1.3.1 does not count it. */
#define CHANNELS FACTOR_EMAIL

static bool read_target(struct arena *arena, const char *value, struct bytes *out)
{
	return delivered_read(arena, CHANNELS, value, out);
}

const struct factor factor_email = {
	.kind = "email",
	.amr = "otp",
	.level = LEVEL_1,
	.channels = CHANNELS,
	.storage = FACTOR_SEALED,
	.member = "code_email",
	.expected = "expected an e-mail address of ASCII characters",
	.read = read_target,
	.judge = delivered_judge,
};
