/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/level.h"
#include <stddef.h>

static const char *const names[] = {
	[LEVEL_NONE] = NULL,
	[LEVEL_1] = "urn:pratu:loa:1",
	[LEVEL_2] = "urn:pratu:loa:2",
	[LEVEL_3] = "urn:pratu:loa:3",
};

const char *level_acr(enum level level)
{
	return names[level];
}
