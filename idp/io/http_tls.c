/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/http_tls.h"
#include "idp/base/log.h"
#include <errno.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEM_MAX 131072

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

struct http_tls {
	char *certificate, *key;
	gnutls_datum_t ticket_key;
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

static struct result load(const struct settings *settings, struct http_tls *tls)
{
	TRY(read_pem(settings->tls_cert_file, &tls->certificate));
	TRY(read_pem(settings->tls_key_file, &tls->key));
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
