/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/settings_inner.h"
#include "idp/base/str.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_OF_FOLDER "${CREDENTIALS_DIRECTORY}"

static bool __attribute__((format(printf, 2, 3)))
no(struct settings_why *why, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	(void)vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	return false;
}

static const char **text_at(struct settings_loaded *loaded, const struct settings_row *row)
{
	return (const char **)((char *)&loaded->settings + row->offset);
}

/* Put systemd's directory of credentials in. Where there is none the name stays: only the role that
 * opens the file needs it, and its "cannot open ${...}" explains itself. */
static const char *expand(struct arena *arena, const char *value)
{
	const char *at = strstr(value, NAME_OF_FOLDER);
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	if (!at || str_empty(folder))
		return arena_strdup(arena, value);
	return arena_printf(
		arena, "%.*s%s%s", (int)(at - value), value, folder, at + strlen(NAME_OF_FOLDER));
}

bool settings_value_text(struct settings_loaded *loaded, const struct settings_row *row,
	const char *value, struct settings_why *why)
{
	if (strlen(value) > (size_t)row->max)
		return no(why, "expected at most %lld bytes, got %zu", (long long)row->max,
			strlen(value));
	*text_at(loaded, row) = expand(loaded->arena, value);
	return true;
}

bool settings_value_path(struct settings_loaded *loaded, const struct settings_row *row,
	const char *value, struct settings_why *why)
{
	if (!settings_value_text(loaded, row, value, why))
		return false;
	const char **path = text_at(loaded, row);
	if (!str_empty(*path) && (*path)[0] != '/' && !str_starts(*path, NAME_OF_FOLDER))
		*path = arena_printf(loaded->arena, "%s/%s", loaded->folder, *path);
	return true;
}

/* Decimal digits only: strtoll alone would take spaces, signs and the rest of the line. */
static bool parse_number(const char *text, int64_t *out)
{
	size_t len = strlen(text);
	if (len == 0 || len > 18 || strspn(text, "0123456789") != len)
		return false;
	*out = (int64_t)strtoll(text, NULL, 10);
	return true;
}

bool settings_value_number(struct settings_loaded *loaded, const struct settings_row *row,
	const char *value, struct settings_why *why)
{
	int64_t number = 0;
	if (!parse_number(value, &number) || number < row->min || number > row->max)
		return no(why, "expected a whole number from %lld to %lld, got \"%.40s\"",
			(long long)row->min, (long long)row->max, value);
	*(int64_t *)(void *)((char *)&loaded->settings + row->offset) = number;
	return true;
}

static bool port_valid(const char *text)
{
	int64_t port = 0;
	return parse_number(text, &port) && port >= 1 && port <= 65535 && text[0] != '0';
}

/* Lower case: agencies compare the issuer byte for byte, browsers lower the case of hosts. */
static bool host_valid(const char *host, size_t len)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
	if (len > 2 && host[0] == '[' && host[len - 1] == ']')
		return strspn(host + 1, "0123456789abcdef:") == len - 2;
	return len > 0 && strspn(host, letters) >= len && host[0] != '.' && host[0] != '-' &&
	       host[len - 1] != '.';
}

bool settings_value_issuer(struct settings_loaded *loaded, const struct settings_row *row,
	const char *value, struct settings_why *why)
{
	static const char scheme[] = "https://";
	const char *host = value + strlen(scheme);
	if (!str_starts(value, scheme) || strlen(value) > (size_t)row->max)
		return no(why, "expected https://host or https://host:port, got \"%.80s\"", value);
	const char *bracket = strchr(host, ']');
	const char *colon = strchr(bracket ? bracket : host, ':');
	size_t host_len = colon ? (size_t)(colon - host) : strlen(host);
	if (!host_valid(host, host_len))
		return no(why,
			"expected https:// and a host in lower case without path or slash behind, "
			"got \"%.80s\"",
			value);
	if (colon && (!port_valid(colon + 1) || str_eq(colon + 1, "443")))
		return no(why, "expected a port from 1 to 65535, and none for 443, got \"%.20s\"",
			colon + 1);
	*text_at(loaded, row) = arena_strdup(loaded->arena, value);
	return true;
}

static bool address_valid(const char *text)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

bool settings_value_is_loopback(const char *address)
{
	struct in6_addr six;
	struct in_addr four;
	if (inet_pton(AF_INET, address, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, address, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

bool settings_listen(struct arena *arena, const char *text, const char **address, int64_t *port)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;
	const bool bracketed = len > 2 && text[0] == '[' && text[len - 1] == ']';
	const char *found = bracketed ? arena_strndup(arena, text + 1, len - 2)
				      : arena_strndup(arena, text, len);
	const bool six = strchr(found, ':') != NULL;
	if (!colon || !port_valid(colon + 1) || !address_valid(found) || six != bracketed)
		return false;
	*address = found;
	return parse_number(colon + 1, port);
}

static bool expect_listen(struct settings_why *why, const char *value)
{
	return no(why,
		"expected an address and a port like 127.0.0.1:8443 or [::1]:8443, got "
		"\"%.60s\"",
		value);
}

bool settings_value_listen(struct settings_loaded *loaded, const struct settings_row *row,
	const char *value, struct settings_why *why)
{
	return settings_listen(
		       loaded->arena, value, text_at(loaded, row), &loaded->settings.listen_port) ||
	       expect_listen(why, value);
}

bool settings_value_metrics(struct settings_loaded *loaded, const struct settings_row *row,
	const char *value, struct settings_why *why)
{
	const char *address;
	int64_t port;
	*text_at(loaded, row) = arena_strdup(loaded->arena, value);
	return str_empty(value) || settings_listen(loaded->arena, value, &address, &port) ||
	       expect_listen(why, value);
}

bool settings_value_mode(struct settings_loaded *loaded, const struct settings_row *row,
	const char *value, struct settings_why *why)
{
	(void)row;
	if (!str_eq(value, "production") && !str_eq(value, "sandbox"))
		return no(why, "expected production or sandbox, got \"%.40s\"", value);
	loaded->settings.mode = str_eq(value, "sandbox") ? MODE_SANDBOX : MODE_PRODUCTION;
	return true;
}

bool settings_value_level(struct settings_loaded *loaded, const struct settings_row *row,
	const char *value, struct settings_why *why)
{
	const char *names[] = {"error", "warn", "info", "debug"};
	const struct str_list levels = {names, sizeof(names) / sizeof(names[0])};
	if (!str_list_has(&levels, value))
		return no(why, "expected error, warn, info or debug, got \"%.40s\"", value);
	*text_at(loaded, row) = arena_strdup(loaded->arena, value);
	return true;
}

bool settings_value_addresses(struct settings_loaded *loaded, const struct settings_row *row,
	const char *value, struct settings_why *why)
{
	struct str_list list = str_split(loaded->arena, value, ' ');
	for (size_t i = 0; i < list.n; i++) {
		if (!address_valid(list.items[i]))
			return no(why, "expected IP addresses separated by spaces, got \"%.60s\"",
				list.items[i]);
	}
	return settings_value_text(loaded, row, value, why);
}

/* It stands in links, a header and a text of lines. */
bool settings_value_uri(const char *uri, const char *scheme)
{
	const size_t len = strlen(scheme);
	if (!str_starts(uri, scheme) || !uri[len])
		return false;
	for (const char *at = uri; *at; at++) {
		if (*at <= ' ' || *at > '~' || strchr("\"<>\\^`{|}", *at))
			return false;
	}
	return true;
}

bool settings_value_url(struct settings_loaded *loaded, const struct settings_row *row,
	const char *value, struct settings_why *why)
{
	if (*value && !settings_value_uri(value, "https://"))
		return no(why, "expected nothing, or https://..., got \"%.80s\"", value);
	return settings_value_text(loaded, row, value, why);
}

bool settings_value_contact(struct settings_loaded *loaded, const struct settings_row *row,
	const char *value, struct settings_why *why)
{
	if (*value && !settings_value_uri(value, "https://") &&
		!settings_value_uri(value, "mailto:") && !settings_value_uri(value, "tel:"))
		return no(why,
			"expected nothing, or mailto:..., tel:... or https://..., got \"%.80s\"",
			value);
	return settings_value_text(loaded, row, value, why);
}

#define PREFIX_DIGITS 8 /* of a prefix, at most: a country and who assigned its numbers */

bool settings_value_prefixes(struct settings_loaded *loaded, const struct settings_row *row,
	const char *value, struct settings_why *why)
{
	const struct str_list list = str_split(loaded->arena, value, ' ');
	for (size_t i = 0; i < list.n; i++) {
		const char *const prefix = list.items[i];
		const size_t digits = strspn(prefix + 1, "0123456789");
		if (prefix[0] != '+' || prefix[1] == '0' || digits < 1 || digits > PREFIX_DIGITS ||
			prefix[1 + digits] != '\0')
			return no(why,
				"expected prefixes like +66 separated by spaces, got \"%.60s\"",
				prefix);
	}
	return settings_value_text(loaded, row, value, why);
}
