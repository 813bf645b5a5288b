/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* strcasestr */
#include "idp/io/http_parse.h"
#include "idp/base/enc.h"
#include "idp/base/params.h"
#include "idp/base/str.h"
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

static struct http_refusal bad(const char *reason)
{
	return (struct http_refusal){400, reason};
}

static const struct http_refusal FINE = {0, NULL};

static bool is_target_text(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text <= 0x20 || *text >= 0x7f || *text == '#')
			return false;
	return true;
}

/* An escaped slash would make a segment that is none; a backslash is a slash to some proxies and
 * browsers. */
static bool may_stand_in_path(const char *raw, size_t raw_len, const char *path)
{
	for (size_t i = 0; i + 2 < raw_len; i++)
		if (strncasecmp(raw + i, "%2f", 3) == 0)
			return false;
	for (; *path != '\0'; path++)
		if ((unsigned char)*path < 0x20 || *path == 0x7f || *path == '\\')
			return false;
	return true;
}

/* NULL if refused. */
static const char *decode_path(struct arena *arena, const char *raw, size_t len)
{
	char *out = arena_alloc(arena, len + 1);
	const size_t n = enc_percent_decode(raw, len, false, out);
	if (n == ENC_BROKEN || strlen(out) != n || !may_stand_in_path(raw, len, out))
		return NULL;
	return str_utf8_valid(out, n) ? out : NULL;
}

/* No empty segment but the last, and no "." or "..". */
static bool has_plain_segments(const char *path)
{
	while (*path == '/') {
		const char *segment = path + 1;
		const size_t len = strcspn(segment, "/");
		path = segment + len;
		if (len == 0 && *path == '/')
			return false;
		if ((len == 1 && segment[0] == '.') || (len == 2 && memcmp(segment, "..", 2) == 0))
			return false;
	}
	return true;
}

static bool has_nul(const char *query)
{
	return strstr(query, "%00") != NULL;
}

static size_t count_pairs(const char *query)
{
	size_t n = 0;
	for (query += strspn(query, "&"); *query != '\0'; query += strspn(query, "&")) {
		query += strcspn(query, "&");
		n++;
	}
	return n;
}

/* absolute-form, which a server must take (RFC 9112 s3.2.2), as origin-form; NULL if it is
 * malformed. The authority is not used: the issuer is a setting. */
static const char *without_scheme(struct arena *arena, const char *target)
{
	const char *authority = NULL;
	if (strncasecmp(target, "http://", 7) == 0)
		authority = target + 7;
	if (strncasecmp(target, "https://", 8) == 0)
		authority = target + 8;
	if (!authority)
		return target;
	const size_t len = strcspn(authority, "/?@\\");
	const char *rest = authority + len;
	if (len == 0 || *rest == '@' || *rest == '\\')
		return NULL;
	return *rest == '/' ? rest : arena_printf(arena, "/%s", rest);
}

struct http_refusal http_parse_target(
	struct arena *arena, const char *target, const char **path, const char **query)
{
	if (!is_target_text(target))
		return bad("target_characters");
	if (str_eq(target, "*")) {
		*path = "*";
		*query = "";
		return FINE;
	}
	const char *at = without_scheme(arena, target);
	if (!at || at[0] != '/')
		return bad("target_form");
	const size_t path_len = strcspn(at, "?");
	const char *raw_query = at[path_len] == '?' ? at + path_len + 1 : "";
	const char *decoded = decode_path(arena, at, path_len);
	if (decoded && strstr(decoded, "//"))
		return bad("path_slashes");
	if (!decoded || !has_plain_segments(decoded))
		return bad("path");
	if (has_nul(raw_query))
		return bad("nul");
	if (count_pairs(raw_query) > PARAMS_MAX)
		return bad("too_many_parameters");
	*path = decoded;
	*query = arena_strdup(arena, raw_query);
	return FINE;
}

/* One "name=value" of a Cookie header, without the blanks around it. */
struct cookie_pair {
	const char *name, *value;
	size_t name_len, value_len;
};

static struct cookie_pair pair_at(const char *text, size_t len)
{
	while (len > 0 && (*text == ' ' || *text == '\t')) {
		text++;
		len--;
	}
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	const char *equals = memchr(text, '=', len);
	if (!equals)
		return (struct cookie_pair){text, text + len, 0, 0};
	const size_t name_len = (size_t)(equals - text);
	return (struct cookie_pair){text, equals + 1, name_len, len - name_len - 1};
}

static bool same_value(const struct cookie_pair *a, const struct cookie_pair *b)
{
	return a->value_len == b->value_len && memcmp(a->value, b->value, a->value_len) == 0;
}

const char *http_parse_cookie(struct arena *arena, const char *header, const char *name)
{
	struct cookie_pair found = {0};
	const size_t name_len = strlen(name);
	for (const char *at = header; at && *at != '\0';) {
		const size_t len = strcspn(at, ";");
		const struct cookie_pair pair = pair_at(at, len);
		at += at[len] == ';' ? len + 1 : len;
		if (pair.name_len != name_len || memcmp(pair.name, name, name_len) != 0)
			continue;
		if (found.name && !same_value(&found, &pair))
			return NULL;
		found = pair;
	}
	return found.name ? arena_strndup(arena, found.value, found.value_len) : NULL;
}

/* The host part of an address that may have a port: an IPv6 address with a port is in brackets.
 */
static const char *without_port(struct arena *arena, const char *text)
{
	if (text[0] == '[')
		return arena_strndup(arena, text + 1, strcspn(text + 1, "]"));
	const char *colon = strchr(text, ':');
	if (colon && !strchr(colon + 1, ':'))
		return arena_strndup(arena, text, (size_t)(colon - text));
	return text;
}

const char *http_parse_address(struct arena *arena, const char *text)
{
	struct in6_addr six;
	struct in_addr four;
	char *out = arena_alloc(arena, INET6_ADDRSTRLEN);
	const char *host = without_port(arena, text);
	if (inet_pton(AF_INET, host, &four) == 1)
		return inet_ntop(AF_INET, &four, out, INET6_ADDRSTRLEN);
	if (inet_pton(AF_INET6, host, &six) != 1)
		return NULL;
	if (IN6_IS_ADDR_V4MAPPED(&six))
		return inet_ntop(AF_INET, &six.s6_addr[12], out, INET6_ADDRSTRLEN);
	return inet_ntop(AF_INET6, &six, out, INET6_ADDRSTRLEN);
}

static bool is_among(struct arena *arena, const char *address, const struct str_list *trusted)
{
	for (size_t i = 0; i < trusted->n; i++)
		if (str_eq(address, http_parse_address(arena, trusted->items[i])))
			return true;
	return false;
}

static const char *trim(struct arena *arena, const char *text)
{
	text += strspn(text, " \t");
	size_t len = strlen(text);
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	return arena_strndup(arena, text, len);
}

const char *http_parse_forwarded(
	struct arena *arena, const char *peer, const char *trusted, const char *forwarded)
{
	const struct str_list proxies = str_split(arena, trusted, ' ');
	const struct str_list hops = str_split(arena, forwarded, ',');
	const char *address = peer;
	for (size_t i = hops.n; i > 0 && is_among(arena, address, &proxies); i--) {
		const char *hop = http_parse_address(arena, trim(arena, hops.items[i - 1]));
		if (!hop)
			break;
		address = hop;
	}
	return address;
}

/* "q=0", "q=0.0", ...: not at all. */
static bool is_refused(const char *parameters)
{
	const char *q = strcasestr(parameters, "q=");
	return q && q[2] == '0' && q[2 + strspn(q + 2, "0.")] == '\0';
}

bool http_parse_accepts(struct arena *arena, const char *header, const char *coding)
{
	const struct str_list items = str_split(arena, header, ',');
	bool any = false;
	for (size_t i = 0; i < items.n; i++) {
		const char *item = trim(arena, items.items[i]);
		const size_t len = strcspn(item, "; \t");
		if (len == strlen(coding) && strncasecmp(item, coding, len) == 0)
			return !is_refused(trim(arena, item + len));
		if (len == 1 && item[0] == '*')
			any = !is_refused(trim(arena, item + len));
	}
	return any;
}

bool http_parse_is_form(const char *content_type)
{
	static const char form[] = "application/x-www-form-urlencoded";
	const size_t len = sizeof form - 1;
	if (!content_type || strncasecmp(content_type, form, len) != 0)
		return false;
	return content_type[len] == '\0' || strchr("; \t", content_type[len]);
}
