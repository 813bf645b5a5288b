/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/http_hygiene.h"
#include "idp/base/str.h"
#include "idp/io/http.h"
#include <string.h>
#include <strings.h>

#define METHOD_MAX 16
#define LENGTH_DIGITS_MAX 18
#define LINE_END 2 /* CR LF */
#define VERSION_LEN 8

static const struct http_refusal FINE = {0, NULL};

static struct http_refusal refusal(int status, const char *reason)
{
	return (struct http_refusal){status, reason};
}

static struct http_refusal bad(const char *reason)
{
	return refusal(400, reason);
}

/* RFC 9110 s5.6.2 */
static bool is_token_char(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(const char *text)
{
	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++)
		if (!is_token_char((unsigned char)*text))
			return false;
	return true;
}

/* RFC 9110 s5.5: visible, blank, tab, or above ASCII. CR, LF and the other controls are not. */
static bool is_value(const char *text)
{
	for (; *text != '\0'; text++) {
		const unsigned char c = (unsigned char)*text;
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static const char *after_blanks(const char *at, const char *limit)
{
	while (at < limit && (*at == ' ' || *at == '\t'))
		at++;
	return at;
}

/* NULL unless there were two bytes of line end here. */
static const char *after_line_end(const char *at)
{
	return at[0] == '\0' && at[1] == '\0' ? at + LINE_END : NULL;
}

/* Nothing between, before or after method, target, version and fields but what belongs there: no
 * bare LF, folded line, NUL or second space. */
static bool layout_fits(const struct http_head *head)
{
	const char *at = head->method + strlen(head->method) + 1;
	if (head->target != at)
		return false;
	at += head->target_len + 1;
	if (head->version != at || strlen(head->version) != VERSION_LEN)
		return false;
	at = after_line_end(at + VERSION_LEN);
	for (size_t i = 0; i < head->n_fields; i++) {
		const struct http_field *field = &head->fields[i];
		if (!at || field->name != at)
			return false;
		at += strlen(field->name) + 1;
		if (field->value < at || after_blanks(at, field->value) != field->value)
			return false;
		at = after_line_end(field->value + strlen(field->value));
	}
	return at && after_line_end(at) == head->method + head->size;
}

static bool is_method(const char *method)
{
	size_t n = 0;
	for (; method[n] != '\0'; n++)
		if (n >= METHOD_MAX || ((method[n] < 'A' || method[n] > 'Z') && method[n] != '-'))
			return false;
	return n > 0;
}

/* What can mean only one thing, but would mean two if given twice. */
static bool is_single(const char *name)
{
	static const char *const names[] = {"Host", "Content-Length", "Transfer-Encoding",
		"Content-Type", "Content-Encoding", "Authorization", "Proxy-Authorization",
		"Cookie", "DPoP", "Origin", "Referer", "User-Agent", "Expect", "Accept-Language",
		"Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest", "Sec-Fetch-User"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

static size_t count(const struct http_head *head, const char *name)
{
	size_t n = 0;
	for (size_t i = 0; i < head->n_fields; i++)
		n += strcasecmp(head->fields[i].name, name) == 0;
	return n;
}

static const char *value_of(const struct http_head *head, const char *name)
{
	for (size_t i = 0; i < head->n_fields; i++)
		if (strcasecmp(head->fields[i].name, name) == 0)
			return head->fields[i].value;
	return NULL;
}

static struct http_refusal check_fields(const struct http_head *head)
{
	for (size_t i = 0; i < head->n_fields; i++) {
		const struct http_field *field = &head->fields[i];
		if (!is_token(field->name))
			return bad("header_name");
		if (!is_value(field->value))
			return bad("header_value");
		if (is_single(field->name) && count(head, field->name) > 1)
			return bad("header_repeated");
	}
	return FINE;
}

/* RFC 3986 s3.2.2: a name or address, perhaps a port; no user name. */
static bool is_host(const char *host)
{
	if (*host == '\0')
		return false;
	for (; *host != '\0' && *host != ' ' && *host != '\t'; host++)
		if (!is_token_char((unsigned char)*host) && !strchr(":[]", *host))
			return false;
	return host[strspn(host, " \t")] == '\0';
}

/* RFC 9112 s3.2 */
static struct http_refusal check_host(const struct http_head *head)
{
	const char *host = value_of(head, "Host");
	if (!host)
		return str_eq(head->version, "HTTP/1.0") ? FINE : bad("host_missing");
	return is_host(host) ? FINE : bad("host");
}

struct http_refusal http_hygiene_length(const struct http_head *head, size_t *length)
{
	const char *text = value_of(head, "Content-Length");
	uint64_t value = 0;
	size_t n = 0;
	*length = 0;
	if (!text)
		return FINE;
	for (; text[n] >= '0' && text[n] <= '9'; n++)
		value = n < LENGTH_DIGITS_MAX ? value * 10 + (uint64_t)(text[n] - '0') : UINT64_MAX;
	if (n == 0 || text[n] != '\0')
		return bad("content_length");
	if (value > HTTP_BODY_MAX)
		return refusal(413, "body_too_large");
	*length = (size_t)value;
	return FINE;
}

/* RFC 9112 s6.1, s6.3. No endpoint needs a body whose length is not known beforehand, so chunked is
 * not taken at all: one framing fewer to disagree about with a proxy. */
static struct http_refusal check_framing(const struct http_head *head)
{
	const char *coding = value_of(head, "Transfer-Encoding");
	size_t length;
	if (!coding)
		return http_hygiene_length(head, &length);
	if (count(head, "Content-Length") > 0)
		return bad("two_framings");
	if (strcasecmp(coding, "chunked") != 0 || str_eq(head->version, "HTTP/1.0"))
		return bad("transfer_encoding");
	return refusal(411, "length_required");
}

static struct http_refusal check_expect(const struct http_head *head)
{
	const char *expect = value_of(head, "Expect");
	const char *encoding = value_of(head, "Content-Encoding");
	if (expect && strcasecmp(expect, "100-continue") != 0)
		return refusal(417, "expectation");
	if (encoding && strcasecmp(encoding, "identity") != 0)
		return refusal(415, "content_encoding");
	return FINE;
}

static struct http_refusal check_line(const struct http_head *head)
{
	if (!is_method(head->method))
		return bad("method");
	if (strncmp(head->version, "HTTP/1.", 7) != 0)
		return bad("version");
	if (!str_eq(head->version, "HTTP/1.0") && !str_eq(head->version, "HTTP/1.1"))
		return refusal(505, "version");
	return FINE;
}

static struct http_refusal check_sizes(const struct http_head *head)
{
	if (head->size > HTTP_HEADER_MAX)
		return refusal(431, "head_too_large");
	if (head->n_fields > HTTP_FIELDS_MAX)
		return refusal(431, "too_many_headers");
	return layout_fits(head) ? FINE : bad("head_malformed");
}

struct http_refusal http_hygiene_check(const struct http_head *head)
{
	struct http_refusal (*const checks[])(const struct http_head *) = {
		check_line, check_sizes, check_fields, check_host, check_framing, check_expect};
	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
		const struct http_refusal found = checks[i](head);
		if (found.status != 0)
			return found;
	}
	return FINE;
}
