/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/http_tls.h"
#include "idp/base/clock.h"
#include "idp/base/log.h"
#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PEM_MAX 131072
/* Who began a handshake with a former certificate has ended it by then: longer than the longest
 * request_timeout_s. */
#define RETIRED_US INT64_C(600000000)

/* Built from NONE, so that a new default of the library adds nothing: TLS 1.3 and the AEAD suites
 * with ephemeral keys of TLS 1.2. */
const char http_tls_priorities[] =
	"NONE:+VERS-TLS1.3:+VERS-TLS1.2:+CTYPE-SRV-X509:+COMP-NULL:+AEAD"
	":+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM:+ECDHE-ECDSA:+ECDHE-RSA"
	":+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1"
	":+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SHA384:+SIGN-ECDSA-SECP256R1-SHA256"
	":+SIGN-ECDSA-SECP384R1-SHA384:+SIGN-EDDSA-ED25519"
	":+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-PSS-RSAE-SHA384:+SIGN-RSA-PSS-RSAE-SHA512"
	":+SIGN-RSA-SHA256:+SIGN-RSA-SHA384:+SIGN-RSA-SHA512"
	":%SERVER_PRECEDENCE:%SAFE_RENEGOTIATION";

/* A certificate with its key, as connections get them. */
struct identity {
	struct identity *former; /* those before it */
	gnutls_certificate_credentials_t credentials;
	int64_t retired_us; /* monotonic; 0: it is in use */
	time_t from, until;
};

struct http_tls {
	char *certificate, *key;
	gnutls_datum_t ticket_key;
	_Atomic(struct identity *) identity; /* changed by one thread only */
};

static void close_file(FILE **file)
{
	if (*file)
		(void)fclose(*file);
}

static struct result read_pem(const char *path, char **out)
{
	__attribute__((cleanup(close_file))) FILE *file = fopen(path, "re");
	if (!file) {
		log_error("http.tls", "file", path, "error", strerror(errno));
		FAIL(ERR_CONFIG);
	}
	char *text = calloc(1, PEM_MAX + 1);
	if (!text)
		abort();
	const size_t len = fread(text, 1, PEM_MAX + 1, file);
	*out = text; /* released with the rest, also when it is refused */
	if (len == 0 || len > PEM_MAX) {
		log_error("http.tls", "file", path, "error", "empty or too large");
		FAIL(ERR_CONFIG);
	}
	return OK;
}

static struct result fault(const char *file, const char *what)
{
	log_error("http.tls", "file", file, "error", what);
	FAIL(ERR_CONFIG);
}

/* With all that are before it. NULL-safe. */
static void identity_free(struct identity *identity)
{
	while (identity) {
		struct identity *const former = identity->former;
		if (identity->credentials)
			gnutls_certificate_free_credentials(identity->credentials);
		free(identity);
		identity = former;
	}
}

/* When the certificate itself, the first of the chain, is valid. */
static struct result read_times(struct identity *identity, const char *file)
{
	gnutls_x509_crt_t *chain = NULL;
	unsigned n = 0;
	if (gnutls_certificate_get_x509_crt(identity->credentials, 0, &chain, &n) != 0 || n == 0)
		return fault(file, "expected a certificate");
	identity->from = gnutls_x509_crt_get_activation_time(chain[0]);
	identity->until = gnutls_x509_crt_get_expiration_time(chain[0]);
	for (unsigned i = 0; i < n; i++)
		gnutls_x509_crt_deinit(chain[i]);
	gnutls_free(chain);
	return OK;
}

/* The library checks that the chain is in order and that the key is the certificate's. */
static struct result fill_identity(
	const struct http_tls *tls, const struct settings *settings, struct identity *identity)
{
	const union {
		char *text;
		unsigned char *bytes;
	} certificate = {tls->certificate}, key = {tls->key};
	const gnutls_datum_t chain = {certificate.bytes, (unsigned)strlen(tls->certificate)};
	const gnutls_datum_t its_key = {key.bytes, (unsigned)strlen(tls->key)};
	if (gnutls_certificate_allocate_credentials(&identity->credentials) != GNUTLS_E_SUCCESS)
		FAIL(ERR_CRYPTO);
	const int rc = gnutls_certificate_set_x509_key_mem2(
		identity->credentials, &chain, &its_key, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (rc < 0)
		return fault(settings->tls_cert_file, gnutls_strerror(rc));
	return read_times(identity, settings->tls_cert_file);
}

static struct result load(const struct settings *settings, struct http_tls *tls)
{
	TRY(read_pem(settings->tls_cert_file, &tls->certificate));
	TRY(read_pem(settings->tls_key_file, &tls->key));
	struct identity *identity = calloc(1, sizeof *identity);
	if (!identity)
		abort();
	atomic_store(&tls->identity, identity);
	TRY(fill_identity(tls, settings, identity));
	if (gnutls_session_ticket_key_generate(&tls->ticket_key) != GNUTLS_E_SUCCESS)
		FAIL(ERR_CRYPTO);
	return OK;
}

struct result http_tls_new(const struct settings *settings, struct http_tls **out)
{
	struct http_tls *tls = calloc(1, sizeof *tls);
	if (!tls)
		abort();
	const struct result loaded = load(settings, tls);
	if (loaded.err != ERR_NONE) {
		http_tls_free(tls);
		return loaded;
	}
	*out = tls;
	return OK;
}

static void log_renewed(const struct settings *settings, const struct identity *identity)
{
	struct tm utc;
	char until[40] = "";
	if (gmtime_r(&identity->until, &utc))
		(void)strftime(until, sizeof until, "%Y-%m-%dT%H:%M:%SZ", &utc);
	log_info("http.tls_renewed", "file", settings->tls_cert_file, "expires_at", until);
}

static void forget_retired(struct identity *current, int64_t now_us)
{
	struct identity *last = current;
	while (last->former &&
		(last->former->retired_us == 0 || now_us - last->former->retired_us < RETIRED_US))
		last = last->former;
	identity_free(last->former);
	last->former = NULL;
}

/* From here on it is what new connections get. */
static void put_in_use(struct http_tls *tls, struct http_tls *fresh)
{
	const int64_t now_us = clock_monotonic_us();
	struct identity *const current = atomic_load(&tls->identity);
	struct identity *const next = atomic_load(&fresh->identity);
	atomic_store(&fresh->identity, NULL);
	next->former = current;
	current->retired_us = now_us;
	atomic_store(&tls->identity, next);
	forget_retired(next, now_us);
	free(tls->certificate);
	tls->certificate = fresh->certificate;
	fresh->certificate = NULL;
}

static struct result renew(
	struct http_tls *tls, const struct settings *settings, struct http_tls *fresh)
{
	TRY(load(settings, fresh));
	const struct identity *const next = atomic_load(&fresh->identity);
	const struct clock clock = clock_system();
	const int64_t now_s = clock_now_s(&clock);
	if (next->until < now_s)
		return fault(settings->tls_cert_file, "this certificate has expired");
	if (next->from > now_s)
		return fault(settings->tls_cert_file, "this certificate is not valid yet");
	if (strcmp(tls->certificate, fresh->certificate) == 0)
		return OK;
	log_renewed(settings, next);
	put_in_use(tls, fresh);
	return OK;
}

struct result http_tls_renew(struct http_tls *tls, const struct settings *settings)
{
	struct http_tls *fresh = calloc(1, sizeof *fresh);
	if (!fresh)
		abort();
	const struct result renewed = renew(tls, settings, fresh);
	http_tls_free(fresh);
	return renewed;
}

void http_tls_forget(struct http_tls *tls)
{
	if (!tls || !tls->key)
		return;
	explicit_bzero(tls->key, PEM_MAX);
	free(tls->key);
	tls->key = NULL;
}

void http_tls_free(struct http_tls *tls)
{
	if (!tls)
		return;
	http_tls_forget(tls);
	identity_free(atomic_load(&tls->identity));
	free(tls->certificate);
	if (tls->ticket_key.data) {
		gnutls_memset(tls->ticket_key.data, 0, tls->ticket_key.size);
		gnutls_free(tls->ticket_key.data);
	}
	free(tls);
}

const char *http_tls_certificate(const struct http_tls *tls)
{
	return tls->certificate;
}

const char *http_tls_key(const struct http_tls *tls)
{
	return tls->key;
}

static gnutls_session_t session_of(struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	return info ? (gnutls_session_t)info->tls_session : NULL;
}

/* The client's Finished: from here on we may send. */
static int on_finished(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
	const gnutls_datum_t *message)
{
	(void)type;
	(void)when;
	(void)message;
	if (incoming != 0)
		http_conn_secured(gnutls_session_get_ptr(session));
	return 0;
}

void http_tls_prepare(struct http_tls *tls, struct MHD_Connection *mhd)
{
	gnutls_session_t session = session_of(mhd);
	if (!session)
		return;
	/* In place of the library's own, which are those of the start. */
	(void)gnutls_credentials_set(
		session, GNUTLS_CRD_CERTIFICATE, atomic_load(&tls->identity)->credentials);
	(void)gnutls_session_ticket_enable_server(session, &tls->ticket_key);
	gnutls_handshake_set_hook_function(
		session, GNUTLS_HANDSHAKE_FINISHED, GNUTLS_HOOK_POST, on_finished);
}

/* By the count of records read: TLS 1.3 starts it again for the application's data, TLS 1.2 with
 * the one of the client's Finished. */
bool http_tls_has_read(struct MHD_Connection *mhd)
{
	gnutls_session_t session = session_of(mhd);
	unsigned char count[8] = {0};
	if (!session ||
		gnutls_record_get_state(session, 1, NULL, NULL, NULL, count) != GNUTLS_E_SUCCESS)
		return false;
	uint64_t n = 0;
	for (size_t i = 0; i < sizeof count; i++)
		n = n << 8 | count[i];
	return n > (gnutls_protocol_get_version(session) == GNUTLS_TLS1_2 ? 1u : 0u);
}

void http_tls_send(struct MHD_Connection *mhd, const char *bytes, size_t len)
{
	gnutls_session_t session = session_of(mhd);
	if (!session)
		return;
	(void)gnutls_record_send(session, bytes, len);
	(void)gnutls_bye(session, GNUTLS_SHUT_WR);
}
