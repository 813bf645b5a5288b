/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/http_cut.h"
#include "idp/io/http.h"
#include <strings.h>

/* Written apart from http_hygiene, and over the bytes as received: a strict reading of RFC 9112.
 */
struct reading {
	const char *at, *end;
	size_t lengths, codings, hosts;
};

static bool take(struct reading *in, const char *text)
{
	const size_t len = strlen(text);
	if ((size_t)(in->end - in->at) < len || memcmp(in->at, text, len) != 0)
		return false;
	in->at += len;
	return true;
}

static bool is_end(const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i] != '\0' && bytes[i] != '\r' && bytes[i] != '\n')
			return false;
	return true;
}

/* NUL LF cannot be told from CR LF, and at the head's end LF NUL NUL LF not from two of these. They
 * end the line, and the head, at the same place. */
static bool take_line_end(struct reading *in)
{
	if (in->end - in->at == 4 && is_end(in->at, 4)) {
		in->at += 2;
		return true;
	}
	if (in->end - in->at == 2 && is_end(in->at, 2)) {
		in->at += 2;
		return true;
	}
	if (in->end - in->at < 2 || (in->at[0] != '\r' && in->at[0] != '\0') || in->at[1] != '\n')
		return false;
	in->at += 2;
	return true;
}

static size_t span(struct reading *in, bool (*fits)(unsigned char))
{
	const char *begin = in->at;
	while (in->at < in->end && fits((unsigned char)*in->at))
		in->at++;
	return (size_t)(in->at - begin);
}

static bool is_method(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || c == '-';
}

/* Its characters are http_parse_target's to refuse; here it is what no line end or NUL cuts short.
 */
static bool is_target(unsigned char c)
{
	return c != '\0' && c != '\n';
}

static bool is_token(unsigned char c)
{
	return c > ' ' && c < 0x7f && strchr("\"(),/:;<=>?@[\\]{}", c) == NULL;
}

static bool is_value(unsigned char c)
{
	return c == '\t' || (c >= ' ' && c != 0x7f);
}

static bool is_named(const char *name, size_t len, const char *wanted)
{
	return len == strlen(wanted) && strncasecmp(name, wanted, len) == 0;
}

static bool read_field(struct reading *in)
{
	const char *name = in->at;
	const size_t len = span(in, is_token);
	in->lengths += is_named(name, len, "content-length");
	in->codings += is_named(name, len, "transfer-encoding");
	in->hosts += is_named(name, len, "host");
	if (len == 0 || !take(in, ":"))
		return false;
	span(in, is_value);
	return take_line_end(in);
}

/* The request line: the version is what follows the last space. */
static bool read_line(struct reading *in)
{
	if (span(in, is_method) == 0 || !take(in, " ") || span(in, is_target) < 11)
		return false;
	const char *version = --in->at - 9; /* the CR fits too */
	return (memcmp(version, " HTTP/1.1", 9) == 0 || memcmp(version, " HTTP/1.0", 9) == 0) &&
	       take_line_end(in);
}

static bool is_strict(const char *bytes, size_t len)
{
	struct reading in = {bytes, bytes + len, 0, 0, 0};
	if (!read_line(&in))
		return false;
	while (in.at < in.end && !is_end(in.at, 1))
		if (!read_field(&in))
			return false;
	return take_line_end(&in) && in.at == in.end && in.lengths <= 1 && in.codings == 0 &&
	       in.hosts <= 1;
}

/* What the library would swallow and the checks let pass is a head by the letter, with one framing.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http_cut cut;
	if (!http_cut(&cut, data, size))
		return 0;
	const struct http_refusal refusal = http_hygiene_check(&cut.head);
	must((refusal.status == 0) == (refusal.reason == NULL));
	if (refusal.status != 0)
		return 0;
	size_t length;
	const char *bytes = (const char *)data + (cut.head.method - cut.bytes);
	must(is_strict(bytes, cut.head.size));
	must(cut.head.size <= HTTP_HEADER_MAX);
	must(http_hygiene_length(&cut.head, &length).status == 0 && length <= HTTP_BODY_MAX);
	return 0;
}
