/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/uri.h"
#include "idp/base/enc.h"
#include "idp/base/str.h"
#include <ctype.h>
#include <string.h>

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* RFC 3986 s2: unreserved, reserved, and % before two hex digits; nothing else. */
static bool chars_good(const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '%') {
			if (enc_hex_digit(p[1]) < 0 || enc_hex_digit(p[2]) < 0)
				return false;
			continue;
		}
		if (!is_alnum(*p) && !strchr("-._~:/?#[]@!$&'()*+,;=", *p))
			return false;
	}
	return true;
}

/* Length of the scheme before ':', 0 if there is none (RFC 3986 s3.1). */
static size_t scheme_len(const char *text)
{
	size_t n = 0;
	if (!isalpha((unsigned char)text[0]))
		return 0;
	while (is_alnum(text[n]) || (text[n] && strchr("+-.", text[n])))
		n++;
	return text[n] == ':' ? n : 0;
}

/* Digits after the host's ':'; false if they are no port. */
static bool port_parse(const char *text, size_t len, int *out)
{
	int port = 0;
	if (len == 0 || len > 5)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		port = port * 10 + (text[i] - '0');
	}
	if (port == 0 || port > 65535)
		return false;
	*out = port;
	return true;
}

static bool host_chars_good(const char *host, size_t len)
{
	if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
		for (size_t i = 1; i < len - 1; i++)
			if (enc_hex_digit(host[i]) < 0 && host[i] != ':' && host[i] != '.')
				return false;
		return true;
	}
	for (size_t i = 0; i < len; i++)
		if (!is_alnum(host[i]) && host[i] != '-' && host[i] != '.' && host[i] != '_')
			return false;
	return len > 0;
}

static bool authority_parse(struct arena *arena, const char *text, size_t len, struct uri *out)
{
	const char *at = memchr(text, '@', len);
	if (at) {
		out->has_userinfo = true;
		len -= (size_t)(at + 1 - text);
		text = at + 1;
	}
	const char *bracket = len && text[0] == '[' ? memchr(text, ']', len) : NULL;
	size_t from = bracket ? (size_t)(bracket - text) : 0;
	const char *colon = memchr(text + from, ':', len - from);
	size_t host_len = colon ? (size_t)(colon - text) : len;
	if (colon && !port_parse(colon + 1, len - host_len - 1, &out->port))
		return false;
	if (!host_chars_good(text, host_len))
		return false;
	out->host = str_lower(arena, text, host_len);
	return true;
}

bool uri_parse(struct arena *arena, const char *text, struct uri *out)
{
	struct uri uri = {.host = "", .port = -1};
	if (!text || strlen(text) > URI_MAX || !chars_good(text))
		return false;
	size_t n = scheme_len(text);
	if (n == 0)
		return false;
	uri.scheme = str_lower(arena, text, n);
	uri.has_fragment = strchr(text, '#') != NULL;
	const char *rest = text + n + 1;
	if (!*rest)
		return false;
	if (str_starts(rest, "//") &&
		!authority_parse(arena, rest + 2, strcspn(rest + 2, "/?#"), &uri))
		return false;
	*out = uri;
	return true;
}

/* localhost, 127.0.0.1 or [::1]. */
static bool is_loopback(const struct uri *uri)
{
	return str_eq(uri->host, "localhost") || str_eq(uri->host, "127.0.0.1") ||
	       str_eq(uri->host, "[::1]");
}

/* What follows "http://", a loopback host and its port, if any; NULL: text does not begin so.
 * *host_len: bytes up to the end of the host. */
static const char *after_loopback(const char *text, size_t *host_len)
{
	static const char *const begins[] = {
		"http://localhost", "http://127.0.0.1", "http://[::1]"};
	for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
		int port;
		if (!str_starts(text, begins[i]))
			continue;
		*host_len = strlen(begins[i]);
		const char *end = text + *host_len;
		const size_t port_len = *end == ':' ? strcspn(end + 1, "/?#") : 0;
		if (*end == ':' && !port_parse(end + 1, port_len, &port))
			return NULL;
		end += *end == ':' ? 1 + port_len : 0;
		return *end && !strchr("/?#", *end) ? NULL : end;
	}
	return NULL;
}

bool uri_is_loopback_alike(const char *one, const char *other)
{
	size_t one_len = 0, other_len = 0;
	const char *one_rest = after_loopback(one, &one_len);
	const char *other_rest = after_loopback(other, &other_len);
	return one_rest && other_rest && one_len == other_len && memcmp(one, other, one_len) == 0 &&
	       str_eq(one_rest, other_rest);
}

bool uri_is_web(const struct uri *uri)
{
	if (str_eq(uri->scheme, "https"))
		return uri->host[0] != '\0';
	return str_eq(uri->scheme, "http") && is_loopback(uri);
}

const char *uri_origin(struct arena *arena, const char *text)
{
	struct uri uri;
	if (!uri_parse(arena, text, &uri))
		return NULL;
	if (!uri.host[0])
		return arena_printf(arena, "%s:", uri.scheme);
	bool by_default = uri.port < 0 || (uri.port == 443 && str_eq(uri.scheme, "https")) ||
			  (uri.port == 80 && str_eq(uri.scheme, "http"));
	if (by_default)
		return arena_printf(arena, "%s://%s", uri.scheme, uri.host);
	return arena_printf(arena, "%s://%s:%d", uri.scheme, uri.host, uri.port);
}
