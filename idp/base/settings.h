/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings: one row each in settings_table.c (key, type, default, bounds, help), and that row
 * makes the sample file. File form: "key = value", "#" comments. An unknown key or a bad value
 * stops the start with its line number. A value may name ${CREDENTIALS_DIRECTORY}.
 */
#ifndef PRATU_BASE_SETTINGS_H
#define PRATU_BASE_SETTINGS_H

#include "idp/base/arena.h"
#include "idp/base/result.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum settings_mode {
	MODE_PRODUCTION,
	MODE_SANDBOX, /* sandbox codes are accepted, and every page shows a notice */
};

enum settings_smtp_tls {
	SMTP_TLS_REQUIRED, /* STARTTLS and a valid certificate, or nothing is sent */
	SMTP_TLS_NONE, /* only to a loopback address */
};
#define SETTINGS_BLOCKLIST_MAX (64 * 1024 * 1024) /* bytes of the file password_blocklist */

struct settings {
	const char *file; /* where they were read from */
	const char *issuer; /* https://host[:port], no path, no slash at the end */
	enum settings_mode mode;
	const char *service_name_th, *service_name_en; /* shown on pages */
	const char *support_th, *support_en; /* where a citizen finds help: one line of text */
	const char *operator_th, *operator_en; /* who runs the service; empty: not shown */
	const char *seal_file; /* its seal, SVG or PNG; empty: the service's own emblem */
	/* Of the operator; absolute URIs, empty: there is none. */
	const char *privacy_url_th, *privacy_url_en, *change_password_url, *security_contact;

	const char *listen_address; /* the web role */
	int64_t listen_port;
	const char
		*metrics_listen; /* address and port as settings_listen reads them; empty: none */
	/* PEM; empty: plain HTTP, only on a loopback address */
	const char *tls_cert_file, *tls_key_file;
	const char *trusted_proxies; /* space-separated; their X-Forwarded-For is believed */
	int64_t max_connections;
	int64_t request_timeout_s; /* from the first byte to the last of one request */
	int64_t quick_workers, slow_workers, batch_connections, quick_queue, slow_queue;

	/* libpq conninfo */
	const char *web_database, *vault_database, *courier_database, *admin_database,
		*owner_database;
	const char *vault_socket_dir; /* holds web.sock, courier.sock and admin.sock */
	const char *key_file; /* 32 bytes in hex, mode 0600 */
	/* `serve` started as root gives the roles these users */
	const char *web_user, *vault_user, *courier_user;
	const char *log_level;

	/* The courier */
	const char *sms_gateways; /* one or two of Kannel's sendsms URLs; empty: no SMS */
	const char *sms_auth_file; /* "user password", a line for each gateway */
	const char *sms_from; /* what phones show as the sender */
	const char *smtp_url; /* smtp://host[:port] or smtps://...; empty: no e-mail */
	const char *smtp_auth_file; /* "user password"; empty: without */
	enum settings_smtp_tls smtp_tls;
	const char *mail_from; /* address alone */
	const char *gateway_ca_file; /* PEM; empty: the system's */
	int64_t gateway_timeout_s, courier_threads;
	const char *reports_address; /* empty: no reports */
	int64_t reports_port;
	const char *reports_url; /* where gateways reach it */
	const char *courier_metrics_listen; /* as metrics_listen */

	int64_t password_memory_kib, password_passes;
	/* Limits of codes that are sent (otp/challenge.h). */
	const char *sms_prefixes; /* "+66 +856" */
	int64_t sms_budget_per_hour, sms_budget_per_day, sms_per_range, codes_per_address;
	const char *password_blocklist; /* passwords that nobody may choose; empty: none */
	int64_t hash_threads; /* Argon2 computations at once */
	int64_t code_ttl_s, access_token_ttl_s, id_token_ttl_s, refresh_token_ttl_s;
	int64_t transaction_ttl_s;
	int64_t session_idle_s, session_absolute_s;
	int64_t key_rotate_publish_s; /* how long a next key is in the JWKS before it signs */
	int64_t record_retention_days;
};

/* What was wrong, for a person. */
struct settings_fault {
	int line; /* 0: the file as a whole */
	char text[256];
};

/* Read path. *out is owned by the caller (settings_free). ERR_CONFIG with fault set. */
MUST_CHECK struct result settings_load(
	const char *path, struct settings **out, struct settings_fault *fault);
/* The same for the text of a file at path, where relative paths start. */
MUST_CHECK struct result settings_parse(
	const char *path, const char *text, struct settings **out, struct settings_fault *fault);
/* What a file that was changed would change. */
struct settings_changes {
	size_t n;
	struct {
		const char *key;
		bool live; /* it is changed by a reload; otherwise it stays until a restart */
	} items[64];
};
/* Read the file of `now` again. *out: as now, but for what a reload changes and the file has
 * changed; owned by the caller. changes: every key that the file has changed, by its text.
 * ERR_CONFIG with fault set: the file is wrong, or a changed setting does not go with one that
 * stays. now has been loaded from a file. */
MUST_CHECK struct result settings_reload(const struct settings *now,
	struct settings_changes *changes, struct settings **out, struct settings_fault *fault);
/* NULL-safe. */
void settings_free(struct settings *settings);
/* Take "127.0.0.1:9464" or "[::1]:9464" apart. *address is in the arena, without brackets; *port is
 * 1 to 65535. False: it has not that form. */
bool settings_listen(struct arena *arena, const char *text, const char **address, int64_t *port);
struct _IO_FILE;
/* Write the sample file, each key with its help and default, to a stream. */
void settings_sample(struct _IO_FILE *out);

#endif
