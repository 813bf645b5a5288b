/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/io/http_impl.h"
#include <stdlib.h>

#define STRICT_TRANSPORT "Strict-Transport-Security"
#define RETRY_AFTER_S "2" /* a full lane is soon less full */

/* Two years, as the preload lists of browsers ask for. RFC 6797 s6.1, s7.2: over TLS only; where a
 * proxy carries it, the issuer tells. */
static const char *transport_security(const struct http_exchange *exchange)
{
	const struct http_server *server = exchange->conn->loop->server;
	const bool secure = server->tls || str_starts(server->settings->issuer, "https://");
	return secure ? "max-age=63072000" : NULL;
}

static bool has_header(const struct http_response *response, const char *name)
{
	for (size_t i = 0; i < response->n_headers; i++)
		if (str_eq(response->headers[i].name, name))
			return true;
	return false;
}

static void add(struct MHD_Response *made, const char *name, const char *value)
{
	if (MHD_add_response_header(made, name, value) != MHD_YES)
		log_error("http.answer", "header", name, "error", "the library refused it");
}

/* The body stays in the request's arena until the exchange is over, which is after its last byte.
 */
struct MHD_Response *http_answer_make(const struct http_exchange *exchange)
{
	const struct http_response *response = &exchange->response;
	const union {
		const char *text;
		void *pointer;
	} body = {response->body_len == 0 ? "" : response->body};
	struct MHD_Response *made = MHD_create_response_from_buffer(
		response->body_len, body.pointer, MHD_RESPMEM_PERSISTENT);
	if (!made)
		abort();
	for (size_t i = 0; i < response->n_headers; i++)
		add(made, response->headers[i].name, response->headers[i].value);
	add(made, "Correlation-Id", exchange->request.correlation_id);
	if (transport_security(exchange))
		add(made, STRICT_TRANSPORT, transport_security(exchange));
	if (response->status == 503 && !has_header(response, "Retry-After"))
		add(made, "Retry-After", RETRY_AFTER_S);
	if (exchange->closes)
		add(made, "Connection", "close");
	return made;
}

const char *http_answer_bytes(const struct http_exchange *exchange, size_t *len)
{
	const struct http_response *response = &exchange->response;
	struct buf out = buf_new(exchange->request.arena);
	buf_printf(&out, "HTTP/1.1 %d %s\r\n", response->status,
		MHD_get_reason_phrase_for((unsigned)response->status));
	for (size_t i = 0; i < response->n_headers; i++)
		buf_printf(
			&out, "%s: %s\r\n", response->headers[i].name, response->headers[i].value);
	if (transport_security(exchange))
		buf_printf(&out, "%s: %s\r\n", STRICT_TRANSPORT, transport_security(exchange));
	buf_printf(&out, "Correlation-Id: %s\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n",
		exchange->request.correlation_id, response->body_len);
	buf_putn(&out, response->body_len == 0 ? "" : response->body, response->body_len);
	*len = out.len;
	return out.text;
}
