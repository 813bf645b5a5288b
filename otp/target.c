/* SPDX-License-Identifier: Apache-2.0 */

#include "otp/target.h"
#include "idp/base/str.h"
#include "otp/typed.h"
#include <ctype.h>
#include <string.h>

#define DIGITS "0123456789"
#define NUMBER_MIN \
	8 /* digits after the plus; the shortest numbers that exist have about so many \
	   */
#define THAI "+66"
#define LOCAL_MAX 64 /* RFC 5321 s4.5.3.1.1 */
#define DOMAIN_MAX 253
#define LABEL_MAX 63

/* What is written between digits, besides what typed_code() leaves out. */
static const char *bare(struct arena *arena, const char *text)
{
	struct buf out = buf_new(arena);
	for (const char *at = typed_code(arena, text); *at; at++)
		if (!strchr("().", *at))
			buf_putn(&out, at, 1);
	return out.text;
}

static const char *international(struct arena *arena, const char *digits)
{
	if (str_starts(digits, "00"))
		return arena_printf(arena, "+%s", digits + 2);
	if (digits[0] == '0')
		return arena_printf(arena, THAI "%s", digits + 1);
	/* The zero is dialled at home only, and is written all the same. */
	if (str_starts(digits, THAI "0"))
		return arena_printf(arena, THAI "%s", digits + strlen(THAI "0"));
	return digits;
}

static bool number_valid(const char *text)
{
	const char *digits = text + 1;
	const size_t len = strlen(digits);
	if (text[0] != '+' || strspn(digits, DIGITS) != len || digits[0] == '0')
		return false;
	if (str_starts(text, THAI))
		return strlen(text) == strlen("+66812345678") && strchr("689", text[3]);
	return len >= NUMBER_MIN && len < TARGET_NUMBER_MAX;
}

const char *target_number(struct arena *arena, const char *text)
{
	const char *number = international(arena, bare(arena, text));
	return *number && number_valid(number) ? number : NULL;
}

/* RFC 5321 s4.1.2: Dot-string. */
static bool local_valid(const char *local, size_t len)
{
	static const char atext[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS
				    "!#$%&'*+-/=?^_`{|}~.";
	if (len == 0 || len > LOCAL_MAX || strspn(local, atext) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (local[i] == '.' && (i == 0 || i + 1 == len || local[i + 1] == '.'))
			return false;
	return true;
}

static bool domain_valid(const char *domain)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz" DIGITS "-.";
	const size_t len = strlen(domain);
	size_t label = 0;
	if (len > DOMAIN_MAX || strspn(domain, allowed) != len || !strchr(domain, '.'))
		return false;
	for (size_t i = 0; i <= len; i++) {
		if (i < len && domain[i] != '.') {
			label++;
			continue;
		}
		if (label == 0 || label > LABEL_MAX || domain[i - 1] == '-' ||
			domain[i - label] == '-')
			return false;
		label = 0;
	}
	return true;
}

const char *target_mailbox(struct arena *arena, const char *text)
{
	char *made = arena_strdup(arena, text + strspn(text, " \t"));
	made[strcspn(made, " \t")] = '\0';
	char *at = strrchr(made, '@');
	const char *behind = text + strspn(text, " \t") + strlen(made);
	if (!at || behind[strspn(behind, " \t")] != '\0' || strlen(made) > TARGET_MAILBOX_MAX)
		return NULL;
	for (char *c = at; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return local_valid(made, (size_t)(at - made)) && domain_valid(at + 1) ? made : NULL;
}
