/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/client_secret.h"
#include <string.h>
#include <strings.h>

#define FEW 8 /* different characters: a random secret has more */
#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define BASE64 "+/=-_"

/* log2(n) in thousandths, a little less between powers of two. n > 0. */
static size_t log2_milli(size_t n)
{
	size_t power = 1, milli = 0;
	while (power * 2 <= n) {
		power *= 2;
		milli += 1000;
	}
	return milli + (n - power) * 1000 / power;
}

static size_t different(const char *secret)
{
	bool seen[256] = {false};
	size_t n = 0;
	for (; *secret; secret++) {
		n += !seen[(unsigned char)*secret];
		seen[(unsigned char)*secret] = true;
	}
	return n;
}

/* How many characters there are of the kinds that it has. */
static size_t alphabet(const char *secret)
{
	static const struct {
		const char *chars;
		size_t n;
	} kinds[] = {{DIGITS, 10}, {LOWER, 26}, {UPPER, 26}, {BASE64, 2}};
	size_t n = 0;
	if (!secret[strspn(secret, DIGITS "abcdef")] || !secret[strspn(secret, DIGITS "ABCDEF")])
		return secret[strspn(secret, DIGITS)] ? 16 : 10;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		n += strpbrk(secret, kinds[i].chars) ? kinds[i].n : 0;
	return n + (secret[strspn(secret, DIGITS LOWER UPPER BASE64)] ? 28 : 0);
}

size_t client_secret_bits(const char *secret)
{
	const size_t distinct = different(secret);
	if (distinct == 0)
		return 0;
	return strlen(secret) * log2_milli(distinct < FEW ? distinct : alphabet(secret)) / 1000;
}

bool client_secret_placeholder(const char *secret)
{
	static const char *const words[] = {"replace-me", "replace_me", "changeme", "change-me",
		"your-client-secret", "example"};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strncasecmp(secret, words[i], strlen(words[i])) == 0)
			return true;
	return false;
}
