/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS by libmicrohttpd's GnuTLS: certificate and key, the one list of what is offered, session
 * tickets. Apart from the other files of http*.c, since GnuTLS's header and idp/base/params.h both
 * have a "params".
 */
#ifndef PRATU_IO_HTTP_TLS_H
#define PRATU_IO_HTTP_TLS_H

#include "idp/base/result.h"
#include "idp/base/settings.h"
#include <stddef.h>

struct MHD_Connection;
struct http_tls;

/* Read the PEM files of the settings. *out is owned by the caller. ERR_CONFIG, logged; ERR_CRYPTO.
 */
MUST_CHECK struct result http_tls_new(const struct settings *settings, struct http_tls **out);
/* Read them again, for connections that begin from here on. By one thread at a time. ERR_CONFIG,
 * logged: a file cannot be read, the key is not the certificate's, or the certificate is not valid
 * now; ERR_CRYPTO. Then those before stay in use. */
MUST_CHECK struct result http_tls_renew(struct http_tls *tls, const struct settings *settings);
/* Forget the private key's text, once the library has taken it. */
void http_tls_forget(struct http_tls *tls);
/* NULL-safe. */
void http_tls_free(struct http_tls *tls);
/* PEM. */
const char *http_tls_certificate(const struct http_tls *tls);
const char *http_tls_key(const struct http_tls *tls);
/* GnuTLS priority string. */
extern const char http_tls_priorities[];
/* A new connection: give it the certificate, offer tickets, and call http_conn_secured at the end
 * of its handshake. */
void http_tls_prepare(struct http_tls *tls, struct MHD_Connection *mhd);
/* Has the client sent anything since the handshake was over, and before its first request was? */
bool http_tls_has_read(struct MHD_Connection *mhd);
/* Send bytes and the close on a connection whose handshake is over; what does not fit is lost. */
void http_tls_send(struct MHD_Connection *mhd, const char *bytes, size_t len);

/* Of http_conn.c: the handshake of this connection is over. */
void http_conn_secured(struct MHD_Connection *mhd);

#endif
