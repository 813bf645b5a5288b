/* SPDX-License-Identifier: Apache-2.0 */
/* What settings.c, settings_table.c and settings_value.c share. Nobody else includes it. */
#ifndef PRATU_BASE_SETTINGS_INNER_H
#define PRATU_BASE_SETTINGS_INNER_H

#include "idp/base/arena.h"
#include "idp/base/settings.h"

#define SETTINGS_ROWS_MAX 128

/* A loaded file. The settings are the first member, so that settings_free finds the rest. */
struct settings_loaded {
	struct settings settings;
	struct arena *arena; /* holds every text */
	const char *folder; /* of the file; relative paths start there */
	const char *texts[SETTINGS_ROWS_MAX]; /* by row: as the file or the default has it */
};

struct settings_row;

/* Read one value into its place. What was wrong is written to why ("expected ..., got ...") and
 * false returned. */
struct settings_why {
	char text[200];
};
typedef bool settings_read(struct settings_loaded *loaded, const struct settings_row *row,
	const char *value, struct settings_why *why);

struct settings_row {
	const char *key;
	settings_read *read;
	size_t offset; /* of the member in struct settings */
	const char *value; /* default; NULL: must be given */
	int64_t min, max; /* of a number; of a text: its length in bytes */
	bool live; /* a reload changes it (settings_reload); else only a restart */
	const char *help; /* the sample file wraps it */
};

extern const struct settings_row settings_table[]; /* ended by a NULL key */

/* What only holds between settings. key: the setting that is to be named as wrong, whose value does
 * not go with another's. False, with why set. */
bool settings_fit(const struct settings *settings, const char **key, struct settings_why *why);
/* The same of the courier's, for settings_fit. */
bool settings_courier_fit(
	const struct settings *settings, const char **key, struct settings_why *why);

/* The types. */
settings_read settings_value_text, settings_value_path, settings_value_number,
	settings_value_issuer, settings_value_listen, settings_value_mode, settings_value_level,
	settings_value_addresses, settings_value_metrics, settings_value_url,
	settings_value_contact, settings_value_prefixes, settings_value_gateways,
	settings_value_smtp, settings_value_smtp_tls, settings_value_mail, settings_value_reports,
	settings_value_reports_listen;

#define SETTINGS_GATEWAYS_MAX 2
/* Does an http, https, smtp or smtps URL name a loopback address, or "localhost"? */
bool settings_gateway_is_local(const char *url);
/* Absolute, in printable ASCII, with that scheme ("https://") and something behind it? */
bool settings_value_uri(const char *uri, const char *scheme);

/* Is address a loopback address (127.0.0.0/8, ::1)? */
bool settings_value_is_loopback(const char *address);

#endif
