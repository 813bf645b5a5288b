/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/answer.h"
#include "idp/base/log.h"
#include <string.h>
#include <strings.h>

#define RETRY_AFTER_S "5"

void answer_clear(struct web *web)
{
	*web->response = (struct http_response){0};
}

void answer_default_header(struct web *web, const char *name, const char *value)
{
	const struct http_response *response = web->response;
	for (size_t i = 0; i < response->n_headers; i++)
		if (strcasecmp(response->headers[i].name, name) == 0)
			return;
	http_add(web->response, name, value);
}

void answer_text(struct web *web, int status, const char *text)
{
	http_body(web->response, status, "application/json", text, strlen(text));
	http_add(web->response, "Cache-Control", "no-store");
	http_add(web->response, "Pragma", "no-cache");
}

void answer_json(struct web *web, int status, const json_t *value)
{
	answer_text(web, status, json_text(web->arena, value));
}

void answer_error(struct web *web, const struct error *error)
{
	const char *id = web->request->correlation_id;
	log_info("web.refused", "path", web->request->logged_path, "error", error_name(error->code),
		"description", error->logged, "correlation_id", id);
	answer_text(web, error_status(error->code), error_json(web->arena, error, id));
}

void answer_challenge(struct web *web, const struct error *error)
{
	answer_error(web, error);
	http_add(web->response, "WWW-Authenticate",
		error_challenge(web->arena, error, web->settings->issuer));
}

void answer_unavailable(struct web *web)
{
	struct error error = error_make(web->arena, ERROR_TEMPORARILY_UNAVAILABLE,
		"expected to answer, but a part of the service is away for the moment: try again");
	answer_clear(web);
	answer_error(web, &error);
	http_add(web->response, "Retry-After", RETRY_AFTER_S);
}
