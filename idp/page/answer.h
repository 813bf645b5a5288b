/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON answers of the endpoints that agencies' servers call: body, status and the headers that
 * go with them. Pages are page.h's. A refusal is logged here, with the correlation id that the
 * answer carries.
 */
#ifndef PRATU_PAGE_ANSWER_H
#define PRATU_PAGE_ANSWER_H

#include "idp/page/context.h"
#include "oidc/error.h"

/* Take back whatever was put into the response: a denial must carry no cookie (I1). */
void answer_clear(struct context *ctx);
/* A JSON text, not to be stored by any cache (RFC 6749 s5.1). text lives in the arena. */
void answer_text(struct context *ctx, int status, const char *text);
/* The same for a value (borrowed). */
void answer_json(struct context *ctx, int status, const json_t *value);
/* A refusal as JSON with its status, error_description and correlation_id. RFC 6749 s5.2 */
void answer_error(struct context *ctx, const struct error *error);
/* The same with WWW-Authenticate, and the status that goes with it: Basic for invalid_client (RFC
 * 6749 s5.2), otherwise Bearer (RFC 6750 s3). */
void answer_challenge(struct context *ctx, const struct error *error);
/* temporarily_unavailable, 503, Retry-After. */
void answer_unavailable(struct context *ctx);
/* Set a header if the response has none of that name. */
void answer_default_header(struct context *ctx, const char *name, const char *value);

#endif
