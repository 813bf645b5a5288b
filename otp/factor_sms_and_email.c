/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/delivered.h"

/* One code over both at once: whoever reads the mail alone has it, so it counts as e-mail does. */
#define CHANNELS (FACTOR_SMS | FACTOR_EMAIL)

static bool read_target(struct arena *arena, const char *value, struct bytes *out)
{
	return delivered_read(arena, CHANNELS, value, out);
}

const struct factor factor_sms_and_email = {
	.kind = "sms_and_email",
	.amr = "otp",
	.level = LEVEL_1,
	.channels = CHANNELS,
	.storage = FACTOR_SEALED,
	.member = "sms_and_email",
	.expected = "expected a mobile number and an e-mail address with a space between: "
		    "+66812345678 somchai@mail.example",
	.read = read_target,
	.judge = delivered_judge,
};
