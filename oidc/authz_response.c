/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/authz_response.h"
#include "idp/base/enc.h"
#include <string.h>

static void add(struct authz_response *response, const char *name, const char *value)
{
	if (value)
		response->fields[response->n++] = (struct param){name, value};
}

static struct authz_response begin(const struct authz_request *request)
{
	return (struct authz_response){
		.mode = request->mode, .redirect_uri = request->redirect_uri};
}

struct authz_response authz_response_code(
	const struct authz_request *request, const char *issuer, const char *code)
{
	struct authz_response response = begin(request);
	add(&response, "code", code);
	add(&response, "state", request->state);
	add(&response, "iss", issuer);
	return response;
}

struct authz_response authz_response_error(
	const struct authz_request *request, const char *issuer, const struct error *error)
{
	struct authz_response response = begin(request);
	add(&response, "error", error_name(error->code));
	add(&response, "error_description", error->description);
	add(&response, "state", request->state);
	add(&response, "iss", issuer);
	return response;
}

const char *authz_response_error_issuer(const struct client *client, const char *issuer)
{
	return client->iss_in_error_responses ? issuer : NULL;
}

const char *authz_response_append(
	struct arena *arena, const char *uri, const struct param *fields, size_t n)
{
	struct buf buf = buf_new(arena);
	buf_puts(&buf, uri);
	const char *query = strchr(uri, '?');
	const char *separator = "?";
	if (query) {
		char last = uri[strlen(uri) - 1];
		separator = last == '?' || last == '&' ? "" : "&";
	}
	for (size_t i = 0; i < n; i++) {
		if (!fields[i].value)
			continue;
		buf_printf(&buf, "%s%s=%s", separator, fields[i].name,
			enc_percent(arena, fields[i].value));
		separator = "&";
	}
	return buf.text;
}

const char *authz_response_location(struct arena *arena, const struct authz_response *response)
{
	return authz_response_append(arena, response->redirect_uri, response->fields, response->n);
}
