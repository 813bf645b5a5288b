/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/crypto.h"
#include "idp/base/str.h"
#include "idp/io/http_impl.h"
#include "idp/io/http_parse.h"
#include <string.h>
#include <strings.h>

struct gathering {
	struct http_field fields[HTTP_FIELDS_MAX];
	size_t n;
};

static enum MHD_Result gather(void *arg, enum MHD_ValueKind kind, const char *name, size_t name_len,
	const char *value, size_t value_len)
{
	struct gathering *all = arg;
	(void)kind;
	(void)name_len;
	(void)value_len;
	if (all->n < HTTP_FIELDS_MAX)
		all->fields[all->n] = (struct http_field){name, value};
	all->n++;
	return MHD_YES;
}

/* Without the blanks behind it. What is not UTF-8 would not go into the database or a log: those
 * bytes become '?'. */
static const char *clean_value(struct arena *arena, const char *value)
{
	size_t len = strlen(value);
	while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'))
		len--;
	char *copy = arena_strndup(arena, value, len);
	if (!str_utf8_valid(copy, len))
		for (size_t i = 0; i < len; i++)
			copy[i] = (char)((unsigned char)copy[i] >= 0x80 ? '?' : copy[i]);
	return copy;
}

static void keep_fields(struct http_exchange *exchange, const struct gathering *all)
{
	struct arena *arena = exchange->request.arena;
	struct http_header *headers = ARENA_ARRAY(arena, struct http_header, all->n + 1);
	for (size_t i = 0; i < all->n; i++) {
		headers[i].name = arena_strdup(arena, all->fields[i].name);
		headers[i].value = clean_value(arena, all->fields[i].value);
	}
	exchange->request.headers = headers;
	exchange->request.n_headers = all->n;
}

static enum http_method method_of(const char *name)
{
	if (str_eq(name, "GET") || str_eq(name, "HEAD"))
		return HTTP_GET;
	if (str_eq(name, "POST"))
		return HTTP_POST;
	return str_eq(name, "OPTIONS") ? HTTP_OPTIONS : HTTP_OTHER;
}

struct http_refusal http_head_read(
	struct http_exchange *exchange, const char *method, const char *version)
{
	struct gathering all = {.n = 0};
	struct http_request *request = &exchange->request;
	struct MHD_Connection *mhd = exchange->conn->mhd;
	MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, gather, &all);
	const struct http_head head = {
		.method = method,
		.target = exchange->target_at,
		.version = version,
		.target_len = exchange->target_len,
		.size = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)
				->header_size,
		.fields = all.fields,
		.n_fields = all.n,
	};
	exchange->head_len = head.size;
	const struct http_refusal found = http_hygiene_check(&head);
	if (found.status != 0)
		return found;
	request->method = method_of(method);
	request->method_name = arena_strdup(request->arena, method);
	keep_fields(exchange, &all);
	return http_hygiene_length(&head, &exchange->body_promised);
}

/* A list may be sent in several lines (RFC 9110 s5.3). */
static const char *joined(const struct http_request *request, const char *name)
{
	struct buf all = buf_new(request->arena);
	for (size_t i = 0; i < request->n_headers; i++)
		if (strcasecmp(request->headers[i].name, name) == 0)
			buf_printf(
				&all, "%s%s", all.len == 0 ? "" : ",", request->headers[i].value);
	return all.text;
}

static const char *logged_path(const struct http_exchange *exchange, bool parsed)
{
	const struct http_request *request = &exchange->request;
	const struct http_app *app = &exchange->conn->loop->server->app;
	if (parsed && (!app->knows || app->knows(app->arg, request->path)))
		return request->path;
	return crypto_fingerprint(
		request->arena, parsed ? request->path
				       : arena_strndup(request->arena, exchange->target,
						 strcspn(exchange->target, "?")));
}

struct http_refusal http_head_resolve(struct http_exchange *exchange)
{
	struct http_request *request = &exchange->request;
	const char *trusted = exchange->conn->loop->server->settings->trusted_proxies;
	if (!str_empty(trusted))
		request->address = http_parse_forwarded(request->arena, request->address, trusted,
			joined(request, "X-Forwarded-For"));
	request->has_form = http_parse_is_form(http_header(request, "Content-Type"));
	const struct http_refusal found = http_parse_target(
		request->arena, exchange->target, &request->path, &request->query_text);
	request->logged_path = logged_path(exchange, found.status == 0);
	return found;
}
