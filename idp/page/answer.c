/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/page/answer.h"
#include "idp/base/log.h"
#include <string.h>
#include <strings.h>

#define RETRY_AFTER_S "5"

void answer_clear(struct context *ctx)
{
	*ctx->response = (struct http_response){0};
}

void answer_default_header(struct context *ctx, const char *name, const char *value)
{
	const struct http_response *response = ctx->response;
	for (size_t i = 0; i < response->n_headers; i++)
		if (strcasecmp(response->headers[i].name, name) == 0)
			return;
	http_add(ctx->response, name, value);
}

void answer_text(struct context *ctx, int status, const char *text)
{
	http_body(ctx->response, status, "application/json", text, strlen(text));
	http_add(ctx->response, "Cache-Control", "no-store");
	http_add(ctx->response, "Pragma", "no-cache");
}

void answer_json(struct context *ctx, int status, const json_t *value)
{
	answer_text(ctx, status, json_text(ctx->arena, value));
}

void answer_error(struct context *ctx, const struct error *error)
{
	const char *id = ctx->request->correlation_id;
	log_info(context_event(ctx, "refused"), "path", ctx->request->path, "error",
		error_name(error->code), "description", error->logged, "correlation_id", id);
	answer_text(ctx, error_status(error->code), error_json(ctx->arena, error, id));
}

void answer_challenge(struct context *ctx, const struct error *error)
{
	answer_error(ctx, error);
	ctx->response->status = error_challenge_status(error->code);
	http_add(ctx->response, "WWW-Authenticate",
		error_challenge(ctx->arena, error, context_address(ctx)));
}

void answer_unavailable(struct context *ctx)
{
	struct error error = error_make(ctx->arena, ERROR_TEMPORARILY_UNAVAILABLE,
		"The service cannot answer at the moment. Try again in " RETRY_AFTER_S " seconds.");
	answer_clear(ctx);
	answer_error(ctx, &error);
	http_add(ctx->response, "Retry-After", RETRY_AFTER_S);
}
