/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/courier/sms.h"
#include "idp/base/str.h"
#include <string.h>

bool sms_number_valid(const char *number)
{
	const size_t len = strlen(number);
	return len >= 8 && len <= 16 && number[0] == '+' && number[1] != '0' &&
	       strspn(number + 1, "0123456789") == len - 1;
}

/* Beyond ASCII, in the order of their code points. */
static const uint32_t others[] = {0xa1, 0xa3, 0xa4, 0xa5, 0xa7, 0xbf, 0xc4, 0xc5, 0xc6, 0xc7, 0xc9,
	0xd1, 0xd6, 0xd8, 0xdc, 0xdf, 0xe0, 0xe4, 0xe5, 0xe6, 0xe8, 0xe9, 0xec, 0xf1, 0xf2, 0xf6,
	0xf8, 0xf9, 0xfc, 0x393, 0x394, 0x398, 0x39b, 0x39e, 0x3a0, 0x3a3, 0x3a6, 0x3a8, 0x3a9,
	0x20ac};

static bool in_alphabet(uint32_t point)
{
	if (point < 0x80)
		return point == '\n' || point == '\r' ||
		       (point >= ' ' && point < 0x7f && point != '`');
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (others[i] == point)
			return true;
	return false;
}

bool sms_is_gsm7(const char *text)
{
	size_t left = strlen(text);
	while (left > 0) {
		uint32_t point = 0;
		const size_t len = str_utf8_char(text, left, &point);
		if (!in_alphabet(point))
			return false;
		text += len;
		left -= len;
	}
	return true;
}
