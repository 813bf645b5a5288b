/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/delivered.h"
#include "otp/target.h"
#include <string.h>

#define DOT "•"
#define DOTS DOT DOT DOT
#define SHOWN_DIGITS 4
#define VALUE_MAX 512 /* bytes; no number and mailbox are longer */

static bool put(struct arena *arena, const char *text, struct bytes *out)
{
	*out = (struct bytes){arena_memdup(arena, text, strlen(text)), strlen(text)};
	return true;
}

/* The mailbox is the last word. */
static bool read_both(struct arena *arena, const char *value, struct bytes *out)
{
	const char *space = strrchr(value, ' ');
	if (!space)
		return false;
	const char *number =
		target_number(arena, arena_strndup(arena, value, (size_t)(space - value)));
	const char *mailbox = target_mailbox(arena, space);
	return number && mailbox && put(arena, arena_printf(arena, "%s %s", number, mailbox), out);
}

bool delivered_read(struct arena *arena, unsigned channels, const char *value, struct bytes *out)
{
	if (strnlen(value, VALUE_MAX + 1) > VALUE_MAX)
		return false;
	if (channels == (FACTOR_SMS | FACTOR_EMAIL))
		return read_both(arena, value, out);
	const char *text =
		channels == FACTOR_SMS ? target_number(arena, value) : target_mailbox(arena, value);
	return text && put(arena, text, out);
}

struct delivered_target delivered_target(struct arena *arena, struct bytes secret)
{
	char *text = arena_strndup(arena, (const char *)secret.data, secret.len);
	char *space = strchr(text, ' ');
	if (text[0] != '+')
		return (struct delivered_target){NULL, text};
	if (space)
		*space = '\0';
	return (struct delivered_target){text, space ? space + 1 : NULL};
}

/* Where a name has one character, that character is not shown. */
static const char *begun(struct arena *arena, const char *name, size_t len)
{
	return arena_printf(arena, "%.*s" DOTS, len > 1 ? 1 : 0, name);
}

static const char *mailbox_hint(struct arena *arena, const char *mailbox)
{
	const char *at = strrchr(mailbox, '@');
	const char *last = strrchr(mailbox, '.');
	return arena_printf(arena, "%s@%s%s", begun(arena, mailbox, (size_t)(at - mailbox)),
		begun(arena, at + 1, (size_t)(last - at - 1)), last);
}

const char *delivered_hint(struct arena *arena, const struct delivered_target *target)
{
	struct buf out = buf_new(arena);
	if (target->number)
		buf_printf(&out, DOTS DOT " %s",
			target->number + strlen(target->number) - SHOWN_DIGITS);
	if (target->number && target->mailbox)
		buf_puts(&out, ", ");
	if (target->mailbox)
		buf_puts(&out, mailbox_hint(arena, target->mailbox));
	return out.text;
}

struct result delivered_judge(const struct factor_facts *facts, struct factor_decision *out)
{
	const bool good = facts->sent_hash.len == SHA256_LEN &&
			  facts->code_hash.len == SHA256_LEN &&
			  crypto_equal(facts->sent_hash.data, facts->code_hash.data, SHA256_LEN);
	*out = (struct factor_decision){good, good ? NULL : "wrong_code", 0};
	return OK;
}
