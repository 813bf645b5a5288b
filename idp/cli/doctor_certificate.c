/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/cli/doctor.h"
#include "idp/cli/doctor_as.h"
#include "oidc/uri.h"
#include <errno.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SOON_DAYS 14

static void x509_auto(X509 **certificate)
{
	X509_free(*certificate);
}

static void key_auto(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void file_auto(FILE **file)
{
	if (*file)
		(void)fclose(*file);
}

/* A key that wants a passphrase is one that the web role cannot read. */
static int no_passphrase(char *text, int size, int writing, void *arg)
{
	(void)text;
	(void)size;
	(void)writing;
	(void)arg;
	return 0;
}

static X509 *read_certificate(const char *path)
{
	__attribute__((cleanup(file_auto))) FILE *file = fopen(path, "re");
	return file ? PEM_read_X509(file, NULL, no_passphrase, NULL) : NULL;
}

static EVP_PKEY *read_key(const char *path)
{
	__attribute__((cleanup(file_auto))) FILE *file = fopen(path, "re");
	return file ? PEM_read_PrivateKey(file, NULL, no_passphrase, NULL) : NULL;
}

static void unreadable(struct doctor *doctor, const char *path)
{
	const bool closed = errno == EACCES;
	doctor_report(doctor, closed ? DOCTOR_WARN : DOCTOR_FAULT,
		closed ? "run doctor as root, or as the web role's user"
		       : "put a PEM file there; the web role's user must be able to read it",
		"%s: %s", path, errno != 0 ? strerror(errno) : "it holds none in PEM");
}

/* False: it has been reported. */
static bool check_time(struct doctor *doctor, const X509 *certificate)
{
	int days = 0, seconds = 0;
	if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0) {
		doctor_report(doctor, DOCTOR_FAULT, "look at this machine's clock",
			"it is not valid yet");
		return false;
	}
	if (ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate)) != 1 ||
		days < 0 || seconds < 0) {
		doctor_report(doctor, DOCTOR_FAULT, "renew it, then restart the web role",
			"it has expired");
		return false;
	}
	if (days < SOON_DAYS)
		doctor_report(doctor, DOCTOR_FAULT, "renew it, then restart the web role",
			"it expires in %d days", days);
	return days >= SOON_DAYS;
}

/* The host of the issuer, without the brackets of an IPv6 address. */
static const char *issuer_host(struct cli *cli)
{
	struct uri uri = {.host = ""};
	if (!uri_parse(cli->arena, cli->settings->issuer, &uri))
		return "";
	const size_t len = strlen(uri.host);
	return uri.host[0] == '[' ? arena_strndup(cli->arena, uri.host + 1, len - 2) : uri.host;
}

static bool check_host(struct doctor *doctor, X509 *certificate)
{
	const char *host = issuer_host(doctor->cli);
	if (X509_check_host(certificate, host, 0, 0, NULL) == 1 ||
		X509_check_ip_asc(certificate, host, 0) == 1)
		return true;
	doctor_report(doctor, DOCTOR_FAULT, "get one whose subjectAltName has the issuer's host",
		"it does not name %s", host);
	return false;
}

static bool check_key(struct doctor *doctor, X509 *certificate)
{
	errno = 0;
	const char *path = doctor->cli->settings->tls_key_file;
	__attribute__((cleanup(key_auto))) EVP_PKEY *key = read_key(path);
	if (!key) {
		unreadable(doctor, path);
		return false;
	}
	if (X509_check_private_key(certificate, key) == 1)
		return true;
	doctor_report(doctor, DOCTOR_FAULT,
		"tls_cert_file and tls_key_file must be of one pair, the server's own certificate "
		"first",
		"%s is not its key", path);
	return false;
}

/* Whether the web role itself may read both; root may anyhow. */
struct readable {
	int errors[2]; /* errno, or 0 */
};

static void try_to_read(const void *arg, void *found)
{
	const struct settings *settings = arg;
	const char *const paths[] = {settings->tls_cert_file, settings->tls_key_file};
	struct readable *readable = found;
	for (size_t i = 0; i < 2; i++)
		readable->errors[i] = access(paths[i], R_OK) == 0 ? 0 : errno;
}

static bool check_readable(struct doctor *doctor)
{
	const struct settings *settings = doctor->cli->settings;
	const char *const paths[] = {settings->tls_cert_file, settings->tls_key_file};
	const struct doctor_as as = {
		settings->web_user, try_to_read, settings, sizeof(struct readable)};
	struct readable readable = {{0, 0}};
	bool good = true;
	(void)doctor_as(
		&as, &readable); /* if the role cannot be assumed, the database check reports it */
	for (size_t i = 0; i < 2; i++) {
		if (readable.errors[i] != EACCES)
			continue; /* others are reported below */
		doctor_report(doctor, DOCTOR_FAULT,
			"give the web role's user the right to read it, and to pass the "
			"directories "
			"above it",
			"the web role may not read %s", paths[i]);
		good = false;
	}
	return good;
}

void doctor_certificate(struct doctor *doctor)
{
	const struct settings *settings = doctor->cli->settings;
	if (str_empty(settings->tls_cert_file)) {
		doctor_report(doctor, DOCTOR_OK, NULL,
			"none: plain HTTP on %s for a proxy on this machine",
			settings->listen_address);
		return;
	}
	errno = 0;
	__attribute__((cleanup(x509_auto))) X509 *certificate =
		read_certificate(settings->tls_cert_file);
	if (!certificate) {
		unreadable(doctor, settings->tls_cert_file);
		return;
	}
	const bool readable = check_readable(doctor), key = check_key(doctor, certificate),
		   host = check_host(doctor, certificate);
	if (check_time(doctor, certificate) && readable && key && host)
		doctor_report(doctor, DOCTOR_OK, NULL, "%s", settings->tls_cert_file);
}
