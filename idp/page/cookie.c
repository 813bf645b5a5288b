/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/page/cookie.h"
#include <inttypes.h>
#include <string.h>

static const char OPAQUE[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void cookie_set(struct context *ctx, const char *name, const char *value, int64_t max_age_s)
{
	const char *age = "";

	if (max_age_s != COOKIE_SESSION)
		age = arena_printf(ctx->arena, "; Max-Age=%" PRId64, max_age_s);
	http_add(ctx->response, "Set-Cookie",
		arena_printf(ctx->arena, "%s=%s; Path=/; Secure; HttpOnly; SameSite=Lax%s", name,
			value, age));
}

const char *cookie_opaque(const struct context *ctx, const char *name)
{
	const char *value = http_cookie(ctx->request, name);

	if (!value || strlen(value) != RNG_OPAQUE_LEN || strspn(value, OPAQUE) != RNG_OPAQUE_LEN)
		return NULL;
	return value;
}
