/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/flow_login.h"
#include "idp/base/enc.h"
#include <string.h>

static const uint8_t *key_of(struct context *ctx, const struct flow *flow)
{
	return crypto_sha256_text(ctx->arena, arena_printf(ctx->arena, "login|%s", flow->handle));
}

struct result flow_login_put(struct context *ctx, struct flow *flow, const char *login)
{
	const struct bytes in[] = {{(const uint8_t *)login, strlen(login)}, {NULL, 0}};
	uint8_t nonce[CRYPTO_NONCE_LEN];
	struct bytes sealed = {NULL, 0};

	rng_bytes(&ctx->rng, nonce, sizeof nonce);
	TRY(crypto_seal(ctx->arena, key_of(ctx, flow), nonce, in, &sealed));
	json_put(flow->stage, "login", enc_b64url(ctx->arena, sealed.data, sealed.len));
	return OK;
}

const char *flow_login_get(struct context *ctx, const struct flow *flow)
{
	const char *kept = json_str(flow->stage, "login");
	struct bytes in[] = {{NULL, 0}, {NULL, 0}}, opened = {NULL, 0};
	uint8_t *sealed = NULL;
	size_t len = 0;

	if (!kept || enc_b64url_decode(ctx->arena, kept, &sealed, &len).err != ERR_NONE)
		return NULL;
	in[0] = (struct bytes){sealed, len};
	if (crypto_open(ctx->arena, key_of(ctx, flow), in, &opened).err != ERR_NONE)
		return NULL;
	return arena_strndup(ctx->arena, (const char *)opened.data, opened.len);
}
