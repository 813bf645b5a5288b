/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "idp/base/str.h"
#include "idp/cli/cli.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

bool cli_number(struct cli *cli, const char *name, struct cli_range range, int64_t *out)
{
	const char *text = cli_option(cli, name);
	char *end = NULL;
	if (!text)
		return true;
	errno = 0;
	const long long number = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || number < range.least ||
		number > range.most) {
		(void)cli_fail(cli, CLI_USAGE,
			"%s: expected a number from %lld to %lld, received %s", name,
			(long long)range.least, (long long)range.most, text);
		return false;
	}
	*out = number;
	return true;
}

static const char *utc_text(struct arena *arena, int64_t at_s)
{
	const time_t at = (time_t)at_s;
	struct tm utc;
	char text[40];
	if (!gmtime_r(&at, &utc) || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
		return NULL;
	return arena_strdup(arena, text);
}

/* 90s, 15m, 1h, 2d, 1w: so long ago. */
static const char *ago(struct cli *cli, const char *text)
{
	static const struct {
		char letter;
		int64_t s;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
	char *end = NULL;
	errno = 0;
	const long long n = strtoll(text, &end, 10);
	if (errno != 0 || end == text || n < 0 || n > 1000000 || end[0] == '\0' || end[1] != '\0')
		return NULL;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (units[i].letter == end[0])
			return utc_text(cli->arena, clock_now_s(&cli->clock) - n * units[i].s);
	return NULL;
}

/* The calendar has that day, and the clock that time. */
static bool exists(const struct tm *asked)
{
	struct tm tm = *asked;
	return timegm(&tm) != (time_t)-1 && tm.tm_mday == asked->tm_mday &&
	       tm.tm_mon == asked->tm_mon && asked->tm_hour < 24 && asked->tm_min < 60 &&
	       asked->tm_sec < 60;
}

int cli_digits(const char *text, size_t n)
{
	int number = 0;
	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		number = number * 10 + (text[i] - '0');
	}
	return number;
}

/* "Z", "+07:00": what may follow a time (RFC 3339 s5.6). */
static bool is_offset(const char *text)
{
	if (str_eq(text, "Z") || str_eq(text, "z"))
		return true;
	if ((text[0] != '+' && text[0] != '-') || strlen(text) != 6 || text[3] != ':')
		return false;
	const int hours = cli_digits(text + 1, 2), minutes = cli_digits(text + 4, 2);
	return hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60;
}

static const char *fraction_end(const char *text)
{
	if (text[0] != '.')
		return text;
	const size_t digits = strspn(text + 1, "0123456789");
	return digits == 0 || digits > 9 ? "" : text + 1 + digits;
}

static const char *calendar(struct cli *cli, const char *text)
{
	struct tm tm = {0};
	const char *rest = strptime(text, "%Y-%m-%d", &tm);
	if (!rest || rest - text != 10)
		return NULL;
	if (*rest == '\0')
		return exists(&tm) ? arena_printf(cli->arena, "%sT00:00:00Z", text) : NULL;
	if (*rest != 'T' && *rest != 't' && *rest != ' ')
		return NULL;
	const char *clock = rest + 1;
	rest = strptime(clock, "%H:%M:%S", &tm);
	if (!rest || rest - clock != 8 || !is_offset(fraction_end(rest)))
		return NULL;
	return exists(&tm) ? arena_strdup(cli->arena, text) : NULL;
}

bool cli_time(struct cli *cli, const char *name, const char **out)
{
	return cli_time_read(cli, name, cli_option(cli, name), out);
}

bool cli_time_read(struct cli *cli, const char *name, const char *text, const char **out)
{
	*out = NULL;
	if (!text)
		return true;
	*out = ago(cli, text);
	if (!*out)
		*out = calendar(cli, text);
	if (*out)
		return true;
	(void)cli_fail(cli, CLI_USAGE,
		"%s: expected 2026-11-20, 2026-11-20T08:00:00Z, 1h or 2d; received %s", name, text);
	return false;
}
