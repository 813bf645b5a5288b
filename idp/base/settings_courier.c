/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/settings_inner.h"
#include "idp/base/str.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool __attribute__((format(printf, 2, 3)))
no(struct settings_why *why, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	(void)vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	return false;
}

/* What a URL's host is: from behind "://" to the port, the path or the end; without brackets. */
static void host_of(const char *url, char out[static 256])
{
	const char *host = strstr(url, "://");
	host = host ? host + 3 : "";
	const bool six = host[0] == '[';
	const size_t len = six ? strcspn(++host, "]") : strcspn(host, ":/?#");
	(void)snprintf(out, 256, "%.*s", (int)(len < 255 ? len : 255), host);
}

bool settings_gateway_is_local(const char *url)
{
	char host[256];
	host_of(url, host);
	return str_eq(host, "localhost") || settings_value_is_loopback(host);
}

/* No user in it, for that has a file; no fragment, and no query, which is ours. */
static bool gateway_valid(const char *url)
{
	const bool plain = settings_value_uri(url, "http://");
	return (plain || settings_value_uri(url, "https://")) && !strpbrk(url, "@?#%") &&
	       (!plain || settings_gateway_is_local(url));
}

bool settings_value_gateways(struct settings_loaded *loaded, const struct settings_row *row,
	const char *value, struct settings_why *why)
{
	const struct str_list list = str_split(loaded->arena, value, ' ');
	if (list.n > SETTINGS_GATEWAYS_MAX)
		return no(why, "expected at most %d URLs, got %zu", SETTINGS_GATEWAYS_MAX, list.n);
	for (size_t i = 0; i < list.n; i++)
		if (!gateway_valid(list.items[i]))
			return no(why,
				"expected https://host/path, or http:// with a loopback address, "
				"without user and query, got \"%.60s\"",
				list.items[i]);
	return settings_value_text(loaded, row, value, why);
}

bool settings_value_smtp(struct settings_loaded *loaded, const struct settings_row *row,
	const char *value, struct settings_why *why)
{
	const char *const host = strstr(value, "://");
	if (*value && ((!settings_value_uri(value, "smtp://") &&
			       !settings_value_uri(value, "smtps://")) ||
			      strpbrk(host + 3, "@?#%/")))
		return no(why,
			"expected smtp://host:port or smtps://host:port, without user and path, "
			"got "
			"\"%.60s\"",
			value);
	return settings_value_text(loaded, row, value, why);
}

bool settings_value_smtp_tls(struct settings_loaded *loaded, const struct settings_row *row,
	const char *value, struct settings_why *why)
{
	(void)row;
	if (!str_eq(value, "required") && !str_eq(value, "none"))
		return no(why, "expected required or none, got \"%.40s\"", value);
	loaded->settings.smtp_tls = str_eq(value, "none") ? SMTP_TLS_NONE : SMTP_TLS_REQUIRED;
	return true;
}

/* It stands in an SMTP command and in headers. */
bool settings_value_mail(struct settings_loaded *loaded, const struct settings_row *row,
	const char *value, struct settings_why *why)
{
	static const char others[] = "!#$&'*+-/=?^_{|}~.";
	const char *const at = strchr(value, '@');
	bool fits = !*value || (at && at > value && at[1] && !strchr(at + 1, '@'));
	for (const char *c = value; fits && *c; c++)
		fits = *c == '@' || isalnum((unsigned char)*c) || strchr(others, *c);
	if (!fits)
		return no(why, "expected an address like no-reply@example.go.th, got \"%.60s\"",
			value);
	return settings_value_text(loaded, row, value, why);
}

/* Kannel puts the state in for "%d"; a '%' of the URL's own it would take for another of these. */
bool settings_value_reports(struct settings_loaded *loaded, const struct settings_row *row,
	const char *value, struct settings_why *why)
{
	if (*value && ((!settings_value_uri(value, "http://") &&
			       !settings_value_uri(value, "https://")) ||
			      strpbrk(value, "@?#%")))
		return no(why,
			"expected http://host/report or https://..., without user, query and '%%', "
			"got \"%.60s\"",
			value);
	return settings_value_text(loaded, row, value, why);
}

/* Plain HTTP: on this machine alone. */
bool settings_value_reports_listen(struct settings_loaded *loaded, const struct settings_row *row,
	const char *value, struct settings_why *why)
{
	struct settings *const settings = &loaded->settings;
	settings->reports_address = "";
	(void)row;
	if (*value && (!settings_listen(loaded->arena, value, &settings->reports_address,
			       &settings->reports_port) ||
			      !settings_value_is_loopback(settings->reports_address)))
		return no(why,
			"expected a loopback address and a port like 127.0.0.1:8444, got \"%.60s\"",
			value);
	return true;
}

bool settings_courier_fit(const struct settings *s, const char **key, struct settings_why *why)
{
	if (s->smtp_tls == SMTP_TLS_NONE && !settings_gateway_is_local(s->smtp_url)) {
		*key = "smtp_tls";
		return no(why, "expected required, or an smtp_url with a loopback address");
	}
	if (!str_empty(s->smtp_url) && str_empty(s->mail_from)) {
		*key = "smtp_url";
		return no(why, "expected mail_from too");
	}
	if (str_empty(s->reports_address) != str_empty(s->reports_url)) {
		*key = str_empty(s->reports_url) ? "reports_listen" : "reports_url";
		return no(why, "expected reports_listen and reports_url both, got one");
	}
	return true;
}
