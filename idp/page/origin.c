/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/page/origin.h"
#include "idp/base/str.h"
#include "oidc/uri.h"

static bool same_origin(const struct context *ctx, const char *text)
{
	const char *ours = uri_origin(ctx->arena, context_address(ctx));
	const char *origin_received = uri_origin(ctx->arena, text);
	return origin_received && str_eq(ours, origin_received);
}

bool origin_is_ours(const struct context *ctx)
{
	const char *site = http_header(ctx->request, "Sec-Fetch-Site");
	const char *origin = http_header(ctx->request, "Origin");
	const char *referer = http_header(ctx->request, "Referer");
	if (site && !str_eq(site, "same-origin") && !str_eq(site, "none"))
		return false;
	/* A page that hides its referrer makes the browser hide the origin too. Sec-Fetch-Site
	 * cannot be set by a script. */
	if (str_eq(origin, "null"))
		return str_eq(site, "same-origin");
	if (origin)
		return same_origin(ctx, origin);
	return referer && same_origin(ctx, referer);
}
