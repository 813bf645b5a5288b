/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/code_text.h"
#include "idp/base/str.h"
#include "message_texts.h"
#include <string.h>

#define NAME_MAX_BYTES 300 /* of an agency in a message */

static const char *look_up(const struct code_text *text, const char *key)
{
	const struct embedded_text *const texts = text->thai ? message_th : message_en;
	const size_t n = text->thai ? message_th_n : message_en_n;
	for (size_t i = 0; i < n; i++)
		if (str_eq(texts[i].key, key))
			return texts[i].text;
	return "";
}

/* One line: a name that an agency chose adds none of its own, nor marks that turn the text. */
static const char *one_line(struct arena *arena, const char *name)
{
	struct buf out = buf_new(arena);
	size_t left = strlen(name);
	while (left > 0) {
		uint32_t point = 0;
		const size_t len = str_utf8_char(name, left, &point);
		if (str_is_control(point))
			buf_puts(&out, " ");
		else
			buf_putn(&out, name, len);
		name += len;
		left -= len;
	}
	return out.text;
}

/* "https://login.example:8443" -> "login.example" */
static const char *host_of(struct arena *arena, const char *issuer)
{
	const char *const slashes = strstr(issuer, "://");
	const char *const host = slashes ? slashes + 3 : issuer;
	const size_t len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
	return arena_strndup(arena, host, len);
}

struct slot {
	const char *name, *value;
};
#define SLOTS 4

static const char *value_of(const struct slot slots[static SLOTS], const char *name, size_t len)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (strlen(slots[i].name) == len && strncmp(slots[i].name, name, len) == 0)
			return slots[i].value;
	return "";
}

static const char *fill(
	struct arena *arena, const struct code_text *text, const char *key, const char *agency)
{
	const struct slot slots[SLOTS] = {{"code", text->code}, {"agency", agency},
		{"service", one_line(arena, text->service)},
		{"host", host_of(arena, text->issuer)}};
	struct buf out = buf_new(arena);
	const char *at = look_up(text, key);
	while (*at) {
		const size_t plain = strcspn(at, "{");
		buf_putn(&out, at, plain);
		at += plain;
		if (!*at)
			break;
		const size_t len = strcspn(at + 1, "}");
		buf_puts(&out, value_of(slots, at + 1, len));
		at += len + 1 + (at[len + 1] == '}');
	}
	return out.text;
}

static const char *agency_of(struct arena *arena, const struct code_text *text)
{
	const char *const name = str_empty(text->agency) ? text->service : text->agency;
	return one_line(arena, str_clip(arena, name, NAME_MAX_BYTES));
}

/* How long it is as a short message, in units of its alphabet; *wide: of UCS-2. ASCII's own letters
 * are GSM's but for one; of the others some take two septets. */
static size_t units(const char *text, bool *wide)
{
	size_t n = 0, doubled = 0, left = strlen(text);
	*wide = false;
	while (left > 0) {
		uint32_t point = 0;
		const size_t len = str_utf8_char(text, left, &point);
		*wide = *wide || point >= 0x80 || point == '`';
		doubled += strchr("^{}\\[~]|", (int)(point < 0x80 ? point : ' ')) != NULL;
		n += point > 0xffff ? 2 : 1;
		text += len;
		left -= len;
	}
	return *wide ? n : n + doubled;
}

/* The name without its last character. */
static const char *shorter(struct arena *arena, const char *name)
{
	return str_clip(arena, name, strlen(name) - 1);
}

const char *code_text_sms(struct arena *arena, const struct code_text *text)
{
	const char *name = agency_of(arena, text);
	const char *made = fill(arena, text, "message.sms", name);
	bool wide = false;
	while (units(made, &wide) > (wide ? CODE_TEXT_SMS_WIDE : CODE_TEXT_SMS_PLAIN) && *name) {
		name = shorter(arena, name);
		made = fill(arena, text, "message.sms", arena_printf(arena, "%s...", name));
	}
	return made;
}

void code_text_mail(struct arena *arena, const struct code_text *text, struct outbox_text *out)
{
	const char *const name = agency_of(arena, text);
	out->subject = fill(arena, text, "message.mail_subject", name);
	out->body = fill(arena, text, "message.mail", name);
}
