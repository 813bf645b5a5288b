/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/level.h"
#include "idp/base/str.h"

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

enum level level_parse(const char *acr)
{
	for (enum level level = LEVEL_1; level <= LEVEL_3; level++)
		if (str_eq(acr, names[level]))
			return level;
	return LEVEL_NONE;
}
