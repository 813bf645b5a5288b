/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/courier/mime.h"
#include "idp/base/enc.h"
#include "idp/base/str.h"
#include <ctype.h>
#include <string.h>
#include <time.h>

#define WORD_BYTES \
	42 /* of text in an encoded word, which has at most 75 characters: RFC 2047 s2 \
	    */
#define LINE_BYTES 57 /* of what makes 76 characters of base64 */
#define PLAIN_LINE_MAX 900 /* RFC 5321 s4.5.3.1.6: 998 */

bool mime_address_valid(const char *address)
{
	static const char others[] = "!#$%&'*+-/=?^_`{|}~.";
	const char *const at = strchr(address, '@');
	if (!at || at == address || !at[1] || strchr(at + 1, '@') || strlen(address) > 254)
		return false;
	for (const char *c = address; *c; c++)
		if (*c != '@' && !isalnum((unsigned char)*c) && !strchr(others, *c))
			return false;
	return true;
}

/* Encoded words of whole characters, each on a line of its own. */
static void put_encoded(struct buf *out, const char *text)
{
	size_t left = strlen(text);
	while (left > 0) {
		size_t n = 0, len;
		uint32_t point;
		while (n < left &&
			n + (len = str_utf8_char(text + n, left - n, &point)) <= WORD_BYTES)
			n += len;
		buf_printf(out, "=?UTF-8?B?%s?=", enc_b64(out->arena, text, n));
		text += n;
		left -= n;
		buf_puts(out, left > 0 ? "\r\n " : "");
	}
}

/* A name of printable ASCII and no specials goes as it is. */
static void put_text(struct buf *out, const char *text)
{
	bool plain = strlen(text) <= 60;
	for (const char *c = text; plain && *c; c++)
		plain = *c >= ' ' && *c <= '~' && !strchr("()<>[]:;@\\,\"=?", *c);
	if (plain)
		buf_puts(out, text);
	else
		put_encoded(out, text);
}

static void put_date(struct buf *out, int64_t now_s)
{
	static const char days[] = "SunMonTueWedThuFriSat",
			  months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const time_t at = (time_t)now_s;
	struct tm tm;
	gmtime_r(&at, &tm);
	buf_printf(out, "Date: %.3s, %d %.3s %d %02d:%02d:%02d +0000\r\n", days + 3 * tm.tm_wday,
		tm.tm_mday, months + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
		tm.tm_sec);
}

static bool is_plain(const char *body)
{
	size_t line = 0;
	for (const char *c = body; *c; c++) {
		line = *c == '\n' ? 0 : line + 1;
		if ((*c < ' ' && *c != '\n') || *c > '~' || line > PLAIN_LINE_MAX)
			return false;
	}
	return true;
}

static void put_lines(struct buf *out, const char *body)
{
	for (const char *c = body; *c; c++) {
		if (*c == '\n')
			buf_puts(out, "\r");
		buf_putn(out, c, 1);
	}
	buf_puts(out, "\r\n");
}

/* The canonical form of a text has CRLF at the ends of its lines: RFC 2045 s6.8. */
static void put_base64(struct buf *out, const char *body)
{
	struct buf text = buf_new(out->arena);
	put_lines(&text, body);
	for (size_t at = 0; at < text.len; at += LINE_BYTES) {
		const size_t left = text.len - at;
		buf_printf(out, "%s\r\n",
			enc_b64(out->arena, text.text + at, left < LINE_BYTES ? left : LINE_BYTES));
	}
}

const char *mime_mail(struct arena *arena, const struct mime *mime)
{
	struct buf out = buf_new(arena);
	const bool plain = is_plain(mime->body);
	put_date(&out, mime->now_s);
	buf_puts(&out, "From: ");
	put_text(&out, mime->from_name);
	buf_printf(&out, "\r\n <%s>\r\nTo: <%s>\r\nSubject: ", mime->from, mime->to);
	put_text(&out, mime->subject ? mime->subject : "");
	buf_printf(&out,
		"\r\nMessage-ID: <%s%s>\r\nContent-Language: %s\r\nAuto-Submitted: "
		"auto-generated\r\n"
		"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: %s\r\n\r\n",
		mime->message_id, strchr(mime->from, '@'), mime->language,
		plain ? "7bit" : "base64");
	if (plain)
		put_lines(&out, mime->body);
	else
		put_base64(&out, mime->body);
	return out.text;
}
