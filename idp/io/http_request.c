/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/log.h"
#include "idp/io/http.h"
#include "idp/io/http_parse.h"
#include <string.h>
#include <strings.h>

const char *http_header(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->n_headers; i++)
		if (strcasecmp(request->headers[i].name, name) == 0)
			return request->headers[i].value;
	return NULL;
}

const char *http_cookie(const struct http_request *request, const char *name)
{
	return http_parse_cookie(request->arena, http_header(request, "Cookie"), name);
}

static bool has_line_break(const char *value)
{
	return strpbrk(value, "\r\n") != NULL;
}

void http_add(struct http_response *response, const char *name, const char *value)
{
	if (!value || has_line_break(value) || has_line_break(name)) {
		log_error("http.add", "header", name, "error", "not a header's value");
		return;
	}
	if (response->n_headers == HTTP_RESPONSE_HEADERS) {
		log_error("http.add", "header", name, "error", "too many headers");
		return;
	}
	response->headers[response->n_headers++] = (struct http_header){name, value};
}

void http_body(struct http_response *response, int status, const char *content_type,
	const char *body, size_t len)
{
	response->status = status;
	response->body = body;
	response->body_len = len;
	http_add(response, "Content-Type", content_type);
}

void http_redirect(struct http_response *response, int status, const char *location)
{
	response->status = status;
	response->body = "";
	response->body_len = 0;
	http_add(response, "Location", location);
}
