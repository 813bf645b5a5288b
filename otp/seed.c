/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/seed.h"
#include <string.h>

/* The value of one base32 character, or -1. */
static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= '2' && c <= '7')
		return c - '2' + 26;
	return -1;
}

/* How many characters before the padding; 0 if the padding is not what RFC 4648 s6 asks for. */
static size_t unpadded(const char *text)
{
	size_t len = strnlen(text, (size_t)SEED_MAX * 2);
	size_t n = len;
	while (n > 0 && text[n - 1] == '=')
		n--;
	if (n == len)
		return n;
	return len % 8 == 0 && len - n < 8 ? n : 0;
}

/* Five bits a character; the characters that end in the middle of a byte leave zero bits. */
static bool decode(const char *text, size_t n, uint8_t *out, size_t *len)
{
	unsigned bits = 0, held = 0;
	*len = 0;
	for (size_t i = 0; i < n; i++) {
		int value = value_of(text[i]);
		if (value < 0 || *len == SEED_MAX)
			return false;
		bits = (bits << 5 | (unsigned)value) & 0xfff;
		held += 5;
		if (held < 8)
			continue;
		held -= 8;
		out[(*len)++] = (uint8_t)(bits >> held);
	}
	/* A whole last character that carried nothing is a character too many. */
	return held < 5 && (bits & ((1u << held) - 1)) == 0;
}

bool seed_decode(const char *text, uint8_t out[static SEED_MAX], size_t *len)
{
	size_t n = unpadded(text);
	if (n > 0 && decode(text, n, out, len) && *len >= SEED_MIN)
		return true;
	explicit_bzero(out, SEED_MAX);
	*len = 0;
	return false;
}
