/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/device.h"
#include "idp/page/cookie.h"

#define DEVICE_DAYS 400 /* the most that browsers keep */

static void set(struct context *ctx, const char *value)
{
	web_of(ctx)->device = value;
	cookie_set(ctx, DEVICE_COOKIE, value, (int64_t)DEVICE_DAYS * COOKIE_DAY_S);
}

const char *device_cookie(struct context *ctx)
{
	if (!web_of(ctx)->device)
		web_of(ctx)->device = cookie_opaque(ctx, DEVICE_COOKIE);
	if (!web_of(ctx)->device)
		set(ctx, rng_opaque(&ctx->rng, ctx->arena));
	return web_of(ctx)->device;
}

const uint8_t *device_hash(struct context *ctx)
{
	return crypto_sha256_text(ctx->arena, device_cookie(ctx));
}

const uint8_t *device_was_hash(struct context *ctx)
{
	const char *was = cookie_opaque(ctx, DEVICE_WAS_COOKIE);
	return was ? crypto_sha256_text(ctx->arena, was) : NULL;
}

static const char *next(struct context *ctx)
{
	struct web *web = web_of(ctx);
	if (!web->device_next)
		web->device_next = rng_opaque(&ctx->rng, ctx->arena);
	return web->device_next;
}

const uint8_t *device_next_hash(struct context *ctx)
{
	return crypto_sha256_text(ctx->arena, next(ctx));
}

void device_renew(struct context *ctx)
{
	const char *was = device_cookie(ctx);
	set(ctx, next(ctx));
	web_of(ctx)->device_next = NULL;
	cookie_set(ctx, DEVICE_WAS_COOKIE, was, ctx->settings->transaction_ttl_s);
}
