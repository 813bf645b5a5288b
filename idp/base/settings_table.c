/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/settings_inner.h"

/* LIVE: each request, or each command, reads it anew. FIXED: it shapes what is made at the start,
 * or what other programs rely on. */
#define FIXED false
#define LIVE true
#define AT(member) offsetof(struct settings, member)
/* clang-format off */
#define TEXT(key, value, most, when, help) \
	{#key, settings_value_text, AT(key), value, 0, most, when, help}
#define PATH(key, value, when, help) \
	{#key, settings_value_path, AT(key), value, 0, 1000, when, help}
#define URL(key, help) {#key, settings_value_url, AT(key), "", 0, 1000, LIVE, help}
#define NUMBER(key, value, least, most, when, help) \
	{#key, settings_value_number, AT(key), value, least, most, when, help}
/* clang-format on */

const struct settings_row settings_table[] = {
	{"issuer", settings_value_issuer, AT(issuer), NULL, 0, 200, FIXED,
		"The address that agencies and citizens know: https://host or "
		"https://host:port, nothing behind it. It is in every token; changing it "
		"disconnects every agency."},
	{"mode", settings_value_mode, AT(mode), "production", 0, 0, FIXED,
		"production, or sandbox: fixed second-factor codes of test citizens are "
		"accepted, and every page shows it."},
	TEXT(service_name_th, "ประตู", 200, LIVE, "The name of the service on Thai pages."),
	TEXT(service_name_en, "Pratu", 200, LIVE, "The name of the service on English pages."),
	TEXT(support_th, "", 300, LIVE, "Where a citizen finds help: one line on Thai pages."),
	TEXT(support_en, "", 300, LIVE, "Where a citizen finds help: one line on English pages."),
	TEXT(operator_th, "", 200, LIVE, "Who runs the service, on Thai pages."),
	TEXT(operator_en, "", 200, LIVE, "Who runs the service, on English pages."),
	PATH(seal_file, "", LIVE,
		"The operator's seal in the head of each page: SVG or PNG, square, at most 64 KiB, "
		"readable by the web role. Empty: the emblem that comes with Pratu."),
	URL(privacy_url_th, "The operator's privacy notice, to which the Thai page /privacy leads: "
			    "https://..."),
	URL(privacy_url_en, "The same for the English page."),
	URL(change_password_url, "Where a citizen changes their password (https://...), for "
				 "/.well-known/change-password. Empty: it leads to /help."),
	{"security_contact", settings_value_contact, AT(security_contact), "", 0, 1000, LIVE,
		"Whom to tell of a weakness (mailto:..., tel:... or https://...), for "
		"/.well-known/security.txt. Empty: there is no such file."},

	{"listen", settings_value_listen, AT(listen_address), "127.0.0.1:8443", 0, 0, FIXED,
		"Address and port of the web role: 127.0.0.1:8443, 0.0.0.0:443, [::1]:8443."},
	{"metrics_listen", settings_value_metrics, AT(metrics_listen), "", 0, 0, FIXED,
		"Address and port for Prometheus alone, plain HTTP: /metrics of the web role and "
		"/metrics/vault, for example 127.0.0.1:9464. Empty: none."},
	PATH(tls_cert_file, "", LIVE,
		"Certificate chain, PEM. Empty, with the next: plain HTTP, for a proxy on "
		"the same machine; then the address must be a loopback address."),
	PATH(tls_key_file, "", LIVE, "Its private key, PEM."),
	{"trusted_proxies", settings_value_addresses, AT(trusted_proxies), "", 0, 1000, FIXED,
		"Addresses, separated by spaces, of proxies whose X-Forwarded-For is trusted."},
	NUMBER(max_connections, "10000", 16, 1000000, FIXED, "Connections open at once."),
	NUMBER(request_timeout_s, "10", 1, 300, FIXED,
		"Seconds from the first byte to the last of one request."),
	NUMBER(quick_workers, "16", 1, 256, FIXED,
		"Threads, each with a database connection, for tokens, userinfo and pages."),
	NUMBER(slow_workers, "4", 1, 256, FIXED,
		"Threads, each with a database connection, for what hashes a password."),
	NUMBER(batch_connections, "2", 1, 64, FIXED,
		"Database connections over which the workers' statements for sessions, codes, "
		"tokens and userinfo go, those that wait at the same moment together. More of "
		"them, where a commit takes milliseconds (a synchronous replica)."),
	NUMBER(quick_queue, "512", 1, 100000, FIXED,
		"Requests that may wait for a quick worker; more are answered 503."),
	NUMBER(slow_queue, "256", 1, 100000, FIXED, "The same for the slow workers."),

	TEXT(web_database, "host=/var/run/postgresql dbname=pratu user=pratu_web", 1000, FIXED,
		"How each role reaches PostgreSQL (libpq's conninfo)."),
	TEXT(vault_database, "host=/var/run/postgresql dbname=pratu user=pratu_vault", 1000, FIXED,
		""),
	TEXT(courier_database, "host=/var/run/postgresql dbname=pratu user=pratu_courier", 1000,
		FIXED, ""),
	TEXT(admin_database, "host=/var/run/postgresql dbname=pratu user=pratu_admin", 1000, LIVE,
		"For the command line: apply, client, citizen, records, doctor."),
	TEXT(owner_database, "host=/var/run/postgresql dbname=pratu user=postgres", 1000, LIVE,
		"For migrate only: a role that may create roles. It makes pratu_owner, and "
		"the rest is done as that."),
	PATH(vault_socket_dir, "/run/pratu", FIXED, "The directory of the vault's sockets."),
	PATH(key_file, "/etc/pratu/key", FIXED,
		"The key that seals every secret: 32 bytes in hexadecimal, mode 0600, made "
		"by pratu init. Keep a copy elsewhere: without it no secret in the database "
		"can be read."),
	TEXT(web_user, "pratu_web", 32, FIXED,
		"pratu serve, started as root, gives the roles these users. Empty: its own."),
	TEXT(vault_user, "pratu_vault", 32, FIXED, ""),
	TEXT(courier_user, "pratu_courier", 32, FIXED, ""),
	{"log_level", settings_value_level, AT(log_level), "info", 0, 0, LIVE,
		"error, warn, info or debug."},

	{"sms_gateways", settings_value_gateways, AT(sms_gateways), "", 0, 1000, FIXED,
		"The courier: one or two SMS gateways, separated by a space, by the URL of "
		"Kannel's "
		"sendsms, for example https://sms.example/cgi-bin/sendsms. The second is used "
		"while "
		"the first refuses or is away. Plain http only to this machine. Empty: no SMS."},
	PATH(sms_auth_file, "", FIXED,
		"Their users: a line \"user password\" for each gateway, in the same order, mode "
		"0600."),
	TEXT(sms_from, "Pratu", 32, FIXED, "What phones show as the sender of an SMS."),
	{"smtp_url", settings_value_smtp, AT(smtp_url), "", 0, 300, FIXED,
		"The mail server: smtp://mail.example:587, or smtps:// for TLS from the first "
		"byte. "
		"Empty: no e-mail."},
	PATH(smtp_auth_file, "", FIXED,
		"Its user: one line \"user password\", mode 0600. Empty: the server asks for "
		"none."),
	{"smtp_tls", settings_value_smtp_tls, AT(smtp_tls), "required", 0, 0, FIXED,
		"required: nothing is sent without STARTTLS and a valid certificate; or none, for "
		"a "
		"mail server on this machine."},
	{"mail_from", settings_value_mail, AT(mail_from), "", 0, 254, FIXED,
		"The address that e-mails are from: no-reply@signin.example.go.th."},
	PATH(gateway_ca_file, "", FIXED,
		"The authorities that the gateways' certificates are checked with, PEM. Empty: the "
		"system's."),
	NUMBER(gateway_timeout_s, "5", 1, 60, FIXED,
		"Seconds that one hand-over to a gateway may take."),
	NUMBER(courier_threads, "8", 1, 64, FIXED,
		"Messages of each channel that are handed over at once; each with a database "
		"connection."),
	{"reports_listen", settings_value_reports_listen, AT(reports_address), "", 0, 0, FIXED,
		"Address and port where gateways report what became of an SMS, plain HTTP, for "
		"example "
		"127.0.0.1:8444. Empty: no reports are asked for."},
	{"reports_url", settings_value_reports, AT(reports_url), "", 0, 300, FIXED,
		"Where gateways reach it: http://127.0.0.1:8444/report, or that of a proxy before "
		"it."},
	{"courier_metrics_listen", settings_value_metrics, AT(courier_metrics_listen), "", 0, 0,
		FIXED,
		"Address and port for Prometheus, as metrics_listen: /metrics of the courier. "
		"Empty: "
		"none."},

	NUMBER(password_memory_kib, "19456", 8192, 1048576, FIXED,
		"Argon2id: memory of one password hash, in KiB. Stored hashes follow at the "
		"next sign-in."),
	NUMBER(password_passes, "2", 1, 16, FIXED, "Argon2id: passes over it."),
	PATH(password_blocklist, "", FIXED,
		"A file of passwords that nobody may choose, one a line, besides those that are "
		"easy to guess anyway; readable by the vault, which reads it when it starts. "
		"At most 64 MiB. Upper and lower case count as one."),
	NUMBER(hash_threads, "2", 1, 16, FIXED, "Password hashes computed at once."),

	{"sms_prefixes", settings_value_prefixes, AT(sms_prefixes), "+66", 0, 500, FIXED,
		"What a number must begin with that codes are sent to, separated by spaces: "
		"+66 +856. Empty: no code is sent by SMS."},
	NUMBER(sms_budget_per_hour, "20000", 1, 100000000, FIXED,
		"Short messages with codes in one hour (UTC), of all citizens together: when they "
		"are spent, no more are sent until it is over, and an alert is recorded."),
	NUMBER(sms_budget_per_day, "200000", 1, 1000000000, FIXED, "The same for one day."),
	NUMBER(sms_per_range, "500", 1, 10000, FIXED,
		"Short messages with codes in one hour to numbers that differ in their last four "
		"digits alone."),
	NUMBER(codes_per_address, "300", 1, 1000000, FIXED,
		"Codes sent in one hour for sign-ins from one IP address (of IPv6, one /64). "
		"Mobile "
		"operators have thousands of citizens behind one."),

	NUMBER(code_ttl_s, "60", 10, 600, LIVE, "Lifetime of an authorization code, in seconds."),
	NUMBER(access_token_ttl_s, "300", 60, 3600, FIXED,
		"Lifetime of an access token, in seconds."),
	NUMBER(id_token_ttl_s, "300", 60, 3600, FIXED, "Lifetime of an ID token, in seconds."),
	NUMBER(refresh_token_ttl_s, "7776000", 3600, 31536000, LIVE,
		"Lifetime of a refresh token, in seconds."),
	NUMBER(transaction_ttl_s, "900", 120, 3600, LIVE,
		"Seconds that a citizen has for one sign-in, from its first page on."),
	NUMBER(session_idle_s, "1800", 60, 86400, LIVE,
		"Seconds after which an unused session ends."),
	NUMBER(session_absolute_s, "43200", 300, 604800, FIXED,
		"Seconds after which any session ends."),
	NUMBER(key_rotate_publish_s, "86400", 600, 2592000, LIVE,
		"Seconds that a next signing key is published before it signs: longer than "
		"anyone keeps a copy of /jwks."),
	NUMBER(record_retention_days, "730", 90, 36500, LIVE,
		"Days that the audit log is kept. Thai law asks for at least 90."),
	{NULL, NULL, 0, NULL, 0, 0, FIXED, NULL},
};
