/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/bounce.h"
#include "idp/page/origin.h"
#include "idp/web/sealed.h"
#include "idp/web/session.h"
#include "idp/web/transaction.h"
#include <stdlib.h>
#include <string.h>

#define PARAMETER "form"

/* A plain client sends neither header, and keeps its cookies whatever the method. */
static bool from_foreign_page(const struct context *ctx)
{
	bool browser =
		http_header(ctx->request, "Origin") || http_header(ctx->request, "Sec-Fetch-Site");
	return browser && !origin_is_ours(ctx);
}

/* It opens at the endpoint that it was posted to. It is nobody's own: the browser showed no cookie.
 */
static struct sealed_for whom(const struct context *ctx)
{
	return (struct sealed_for){"form", ctx->request->path};
}

/* Sealed: "<unix seconds>?<query>". */
static struct result open(struct context *ctx, const char *sealed, struct bounce_params *out)
{
	struct bytes opened = {NULL, 0};
	char *end = NULL;
	TRY(sealed_open(ctx, whom(ctx), sealed, &opened));
	if (!opened.data)
		return OK;
	const long long at_s = strtoll((const char *)opened.data, &end, 10);
	if (*end != '?' || ctx->now_s - at_s >= ctx->settings->transaction_ttl_s)
		return OK;
	out->verdict = params_parse(ctx->arena, end + 1, strlen(end + 1), &out->params);
	return OK;
}

struct result bounce_params(struct context *ctx, struct bounce_params *out)
{
	const struct http_request *request = ctx->request;
	if (request->method == HTTP_POST) {
		*out = (struct bounce_params){request->form, request->form_verdict};
		return OK;
	}
	*out = (struct bounce_params){request->query, request->query_verdict};
	const char *sealed = params_value(request->query, PARAMETER);
	if (sealed && request->query_verdict == PARAMS_OK && request->query->n == 1)
		TRY(open(ctx, sealed, out));
	return OK;
}

struct result bounce_to_get(struct context *ctx, const struct params *params, bool *done)
{
	const char *sealed = NULL;
	*done = false;
	if (ctx->request->method != HTTP_POST || session_cookie(ctx).token_hash.data ||
		!from_foreign_page(ctx))
		return OK;
	const char *text = arena_printf(
		ctx->arena, "%lld?%s", (long long)ctx->now_s, params_encode(ctx->arena, params));
	TRY(sealed_make(ctx, whom(ctx), text, &sealed));
	if (strlen(sealed) > TRANSACTION_MAX)
		return OK;
	http_redirect(ctx->response, 303,
		arena_printf(ctx->arena, "%s?" PARAMETER "=%s", ctx->request->path, sealed));
	http_add(ctx->response, "Cache-Control", "no-store");
	http_add(ctx->response, "Referrer-Policy", "no-referrer");
	*done = true;
	return OK;
}
