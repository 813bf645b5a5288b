/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/bounce.h"
#include "idp/page/origin.h"
#include "idp/web/session.h"
#include <string.h>

#define QUERY_MAX 12288 /* bytes: the request line has its bound */

/* A plain client sends neither header, and keeps its cookies whatever the method. */
static bool from_foreign_page(const struct context *ctx)
{
	bool browser =
		http_header(ctx->request, "Origin") || http_header(ctx->request, "Sec-Fetch-Site");
	return browser && !origin_is_ours(ctx);
}

bool bounce_to_get(struct context *ctx, const struct params *params)
{
	if (ctx->request->method != HTTP_POST || session_cookie(ctx).token_hash.data ||
		!from_foreign_page(ctx))
		return false;
	const char *query = params_encode(ctx->arena, params);
	if (strlen(query) > QUERY_MAX)
		return false;
	http_redirect(
		ctx->response, 303, arena_printf(ctx->arena, "%s?%s", ctx->request->path, query));
	http_add(ctx->response, "Cache-Control", "no-store");
	http_add(ctx->response, "Referrer-Policy", "no-referrer");
	return true;
}
