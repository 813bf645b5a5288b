/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/page/context.h"
#include "idp/page/site.h"

const char *context_address(const struct context *ctx)
{
	return ctx->site->address(ctx->settings);
}

const char *context_event(const struct context *ctx, const char *what)
{
	return arena_printf(ctx->arena, "%s.%s", ctx->site->name, what);
}
