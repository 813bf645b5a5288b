/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/settings.h"
#include "idp/base/arena.h"
#include "idp/base/str.h"
#include <stdio.h>

#define ISSUER "issuer = https://localhost:8443\n"

static struct settings *loaded(const char *text)
{
	struct settings *settings = NULL;
	struct settings_fault fault = {0, ""};
	if (settings_parse("/etc/pratu/pratu.conf", text, &settings, &fault).err != ERR_NONE)
		fail_msg("line %d: %s", fault.line, fault.text);
	return settings;
}

static void the_issuer_alone_is_enough(void **state)
{
	(void)state;
	struct settings *s = loaded(ISSUER);
	assert_string_equal(s->file, "/etc/pratu/pratu.conf");
	assert_string_equal(s->issuer, "https://localhost:8443");
	assert_int_equal(s->mode, MODE_PRODUCTION);
	assert_string_equal(s->listen_address, "127.0.0.1");
	assert_int_equal(s->listen_port, 8443);
	assert_string_equal(s->tls_cert_file, "");
	assert_int_equal(s->quick_workers, 16);
	assert_int_equal(s->password_memory_kib, 19456);
	assert_int_equal(s->code_ttl_s, 60);
	assert_int_equal(s->session_idle_s, 1800);
	assert_int_equal(s->session_absolute_s, 43200);
	assert_int_equal(s->record_retention_days, 730);
	assert_string_equal(s->log_level, "info");
	assert_string_equal(s->operator_th, "");
	assert_string_equal(s->seal_file, "");
	assert_string_equal(s->security_contact, "");
	settings_free(s);
}

static void what_is_given_is_taken(void **state)
{
	(void)state;
	struct settings *s = loaded("# a comment\r\n\r\n"
				    "  issuer=https://id.example.go.th  \r\n"
				    "\tmode = sandbox\n"
				    "service_name_th = ประตู ทดสอบ\n"
				    "listen = [::1]:9000\n"
				    "web_database = host=/run dbname=x password=a=b#c\n"
				    "operator_th = กรม\n"
				    "seal_file = seal.svg\n"
				    "privacy_url_th = https://a.example/th?x=1#y\n"
				    "security_contact = tel:+6620000000\n"
				    "trusted_proxies = 10.0.0.1 ::1\n"
				    "code_ttl_s = 30");
	assert_string_equal(s->issuer, "https://id.example.go.th");
	assert_int_equal(s->mode, MODE_SANDBOX);
	assert_string_equal(s->service_name_th, "ประตู ทดสอบ");
	assert_string_equal(s->operator_th, "กรม");
	assert_string_equal(s->seal_file, "/etc/pratu/seal.svg");
	assert_string_equal(s->privacy_url_th, "https://a.example/th?x=1#y");
	assert_string_equal(s->security_contact, "tel:+6620000000");
	assert_string_equal(s->listen_address, "::1");
	assert_int_equal(s->listen_port, 9000);
	assert_string_equal(s->web_database, "host=/run dbname=x password=a=b#c");
	assert_string_equal(s->trusted_proxies, "10.0.0.1 ::1");
	assert_int_equal(s->code_ttl_s, 30);
	settings_free(s);
}

static void paths_start_at_the_file_and_name_credentials(void **state)
{
	(void)state;
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x", 1), 0);
	struct settings *s = loaded(ISSUER "tls_cert_file = tls/cert.pem\n"
					   "tls_key_file = /abs/key.pem\n"
					   "key_file = ${CREDENTIALS_DIRECTORY}/key\n");
	assert_string_equal(s->tls_cert_file, "/etc/pratu/tls/cert.pem");
	assert_string_equal(s->tls_key_file, "/abs/key.pem");
	assert_string_equal(s->key_file, "/run/credentials/x/key");
	settings_free(s);
	/* Without systemd the name stays, for another role's error message. */
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	s = loaded(ISSUER "key_file = ${CREDENTIALS_DIRECTORY}/key\n");
	assert_string_equal(s->key_file, "${CREDENTIALS_DIRECTORY}/key");
	settings_free(s);
}

/* Each is refused on its line, and the text says what was expected and what was received. */
static const struct {
	const char *text;
	int line;
	const char *says;
} refusals[] = {
	{"", 0, "issuer: expected a value"},
	{ISSUER "colour = blue\n", 2, "unknown key \"colour\""},
	{ISSUER "\n" ISSUER, 3, "line 1 gives it too"},
	{ISSUER "just words\n", 2, "expected key = value, got \"just words\""},
	{ISSUER "= 5\n", 2, "unknown key \"\""},
	{ISSUER "code_ttl_s = 9\n", 2, "from 10 to 600, got \"9\""},
	{ISSUER "code_ttl_s = 601\n", 2, "from 10 to 600, got \"601\""},
	{ISSUER "code_ttl_s = 60s\n", 2, "got \"60s\""},
	{ISSUER "code_ttl_s = -60\n", 2, "got \"-60\""},
	{ISSUER "code_ttl_s =\n", 2, "got \"\""},
	{ISSUER "code_ttl_s = 99999999999999999999\n", 2, "expected a whole number"},
	{ISSUER "record_retention_days = 89\n", 2, "from 90"},
	{ISSUER "mode = Sandbox\n", 2, "expected production or sandbox, got \"Sandbox\""},
	{ISSUER "log_level = all\n", 2, "expected error, warn, info or debug"},
	{ISSUER "listen = 8443\n", 2, "expected an address and a port"},
	{ISSUER "listen = localhost:8443\n", 2, "expected an address and a port"},
	{ISSUER "listen = ::1:8443\n", 2, "expected an address and a port"},
	{ISSUER "listen = [127.0.0.1]:8443\n", 2, "expected an address and a port"},
	{ISSUER "listen = 127.0.0.1:0\n", 2, "expected an address and a port"},
	{ISSUER "listen = 127.0.0.1:65536\n", 2, "expected an address and a port"},
	{ISSUER "trusted_proxies = 10.0.0.0/8\n", 2, "got \"10.0.0.0/8\""},
	{ISSUER "listen = 0.0.0.0:443\n", 2, "expected a loopback address"},
	{ISSUER "listen = [::]:443\n", 2, "expected a loopback address"},
	{ISSUER "tls_cert_file = c.pem\n", 2, "both, got one"},
	{ISSUER "\ntls_key_file = k.pem\n", 3, "both, got one"},
	{ISSUER "session_idle_s = 3600\nsession_absolute_s = 1800\n", 2,
		"session_absolute_s (1800)"},
	{"issuer = http://localhost:8443\n", 1, "expected https://host"},
	{"issuer = https://\n", 1, "expected https://"},
	{"issuer = https://a.example/\n", 1, "without path or slash"},
	{"issuer = https://a.example/oidc\n", 1, "without path or slash"},
	{"issuer = https://a.example?x\n", 1, "without path"},
	{"issuer = https://u@a.example\n", 1, "without path"},
	{"issuer = https://A.example\n", 1, "lower case"},
	{"issuer = https://.a.example\n", 1, "expected https://"},
	{"issuer = https://a.example:443\n", 1, "none for 443"},
	{"issuer = https://a.example:0\n", 1, "expected a port"},
	{"issuer = https://a.example:8443/\n", 1, "expected a port"},
	{"issuer = https://a.example:\n", 1, "expected a port"},
	{ISSUER "privacy_url_th = http://a.example/\n", 2, "expected nothing, or https://"},
	{ISSUER "privacy_url_en = https://\n", 2, "expected nothing, or https://"},
	{ISSUER "change_password_url = /password\n", 2, "got \"/password\""},
	{ISSUER "change_password_url = https://a.example/\"x\n", 2, "expected nothing, or https"},
	{ISSUER "change_password_url = https://a.example/a b\n", 2, "expected nothing, or https"},
	{ISSUER "change_password_url = https://a.example/\u00e9\n", 2, "expected nothing"},
	{ISSUER "security_contact = security@a.example\n", 2, "mailto:..., tel:... or https://..."},
	{ISSUER "security_contact = mailto:\n", 2, "mailto:..., tel:... or https://..."},
	{ISSUER "service_name_en = \xff\n", 0, "expected UTF-8"},
	{ISSUER "sms_gateways = http://sms.example/x\n", 2, "http:// with a loopback address"},
	{ISSUER "sms_gateways = http://127.0.0.1.evil.example/x\n", 2, "loopback address"},
	{ISSUER "sms_gateways = http://127.0.0.1@evil.example/x\n", 2, "without user"},
	{ISSUER "sms_gateways = https://a/x?y\n", 2, "without user and query"},
	{ISSUER "sms_gateways = https://a/ https://b/ https://c/\n", 2, "at most 2 URLs, got 3"},
	{ISSUER "sms_gateways = ftp://a/\n", 2, "expected https://"},
	{ISSUER "smtp_url = mail.example\n", 2, "expected smtp://"},
	{ISSUER "smtp_url = smtp://u:p@mail.example\n", 2, "without user"},
	{ISSUER "smtp_url = smtp://mail.example/x\n", 2, "without user and path"},
	{ISSUER "smtp_url = smtp://mail.example\n", 2, "smtp_url: expected mail_from too"},
	{ISSUER "smtp_tls = maybe\n", 2, "expected required or none"},
	{ISSUER "mail_from = a@b\nsmtp_url = smtp://mail.example\nsmtp_tls = none\n", 4,
		"smtp_tls: expected required"},
	{ISSUER "mail_from = Pratu <a@b>\n", 2, "expected an address"},
	{ISSUER "mail_from = a@b@c\n", 2, "expected an address"},
	{ISSUER "reports_listen = 127.0.0.1:1\n", 2, "both, got one"},
	{ISSUER "reports_url = http://127.0.0.1:1/report\n", 2, "both, got one"},
	{ISSUER "reports_listen = 0.0.0.0:8444\n", 2, "expected a loopback address"},
	{ISSUER "reports_url = http://a/%d\n", 2, "and '%'"},
	{ISSUER "gateway_timeout_s = 61\n", 2, "from 1 to 60"},
};

static void refusals_name_line_expectation_and_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refusals); i++) {
		struct settings *settings = NULL;
		struct settings_fault fault = {-1, ""};
		enum err err = settings_parse("x.conf", refusals[i].text, &settings, &fault).err;
		if (err != ERR_CONFIG || strstr(fault.text, refusals[i].says) == NULL)
			fail_msg("%s: got \"%s\"", refusals[i].text, fault.text);
		assert_int_equal(fault.line, refusals[i].line);
		assert_null(settings);
	}
}

static void takes_every_good_issuer(void **state)
{
	(void)state;
	static const char *const good[] = {"https://localhost", "https://id.go.th:8443",
		"https://127.0.0.1:8443", "https://[::1]:8443", "https://[2001:db8::1]",
		"https://xn--12c1c9ba.example"};
	struct arena *arena = arena_new();
	for (size_t i = 0; i < COUNT(good); i++) {
		struct settings *s = loaded(arena_printf(arena, "issuer = %s\n", good[i]));
		assert_string_equal(s->issuer, good[i]);
		settings_free(s);
	}
	arena_free(arena);
}

static void plain_http_is_for_loopback_only(void **state)
{
	(void)state;
	settings_free(loaded(ISSUER "listen = 127.0.0.2:80\n"));
	settings_free(loaded(ISSUER "listen = [::1]:80\n"));
	settings_free(loaded(ISSUER "listen = 0.0.0.0:443\ntls_cert_file=c\ntls_key_file=k\n"));
}

static void the_couriers_gateways(void **state)
{
	(void)state;
	struct settings *s = loaded(ISSUER
		"sms_gateways = https://a.example/cgi-bin/sendsms http://[::1]:13013/x\n"
		"smtp_url = smtp://localhost:25\nsmtp_tls = none\nmail_from = a+b@c.example\n"
		"reports_listen = [::1]:8444\nreports_url = https://sms.example/report\n");
	assert_int_equal(s->smtp_tls, SMTP_TLS_NONE);
	assert_string_equal(s->reports_address, "::1");
	assert_int_equal(s->reports_port, 8444);
	settings_free(s);
	s = loaded(ISSUER);
	assert_int_equal(s->smtp_tls, SMTP_TLS_REQUIRED);
	assert_string_equal(s->reports_address, "");
	assert_string_equal(s->sms_gateways, "");
	assert_int_equal(s->gateway_timeout_s, 5);
	settings_free(s);
}

static void a_file_that_cannot_be_read_is_refused(void **state)
{
	(void)state;
	struct settings *settings = NULL;
	struct settings_fault fault = {-1, ""};
	assert_err(settings_load("no/such/file.conf", &settings, &fault), ERR_CONFIG);
	assert_int_equal(fault.line, 0);
	assert_non_null(strstr(fault.text, "no/such/file.conf"));
	assert_err(settings_load("/dev/zero", &settings, &fault), ERR_CONFIG);
	assert_non_null(strstr(fault.text, "at most"));
	assert_err(settings_load("/", &settings, NULL), ERR_CONFIG);
	assert_null(settings);
}

/* The sample, taken as it stands, is a file that loads; with the # of its keys removed it still is.
 */
static void the_sample_file_loads(void **state)
{
	(void)state;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	assert_non_null(out);
	settings_sample(out);
	assert_int_equal(fclose(out), 0);
	settings_free(loaded(text));
	size_t keys = 0;
	for (char *p = text; (p = strstr(p, "\n#")) != NULL; p++) {
		assert_true(strcspn(p + 1, "\n") <= 100);
		if (p[2] != ' ') {
			p[1] = ' ';
			keys++;
		}
	}
	assert_true(keys > 30);
	settings_free(loaded(text));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_issuer_alone_is_enough),
		cmocka_unit_test(what_is_given_is_taken),
		cmocka_unit_test(paths_start_at_the_file_and_name_credentials),
		cmocka_unit_test(refusals_name_line_expectation_and_value),
		cmocka_unit_test(takes_every_good_issuer),
		cmocka_unit_test(plain_http_is_for_loopback_only),
		cmocka_unit_test(the_couriers_gateways),
		cmocka_unit_test(a_file_that_cannot_be_read_is_refused),
		cmocka_unit_test(the_sample_file_loads),
	};
	return cmocka_run_group_tests_name("base/settings", tests, NULL, NULL);
}
