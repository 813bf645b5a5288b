/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/logout_handle.h"
#include "idp/base/crypto.h"
#include "idp/base/enc.h"
#include "idp/web/session.h"
#include <string.h>

static const char *mac_of(struct context *ctx, const char *text)
{
	const char *cookie = http_cookie(ctx->request, SESSION_COOKIE);
	uint8_t mac[SHA256_LEN];
	if (!session_cookie(ctx).token_hash.data)
		return NULL;
	const char *label = arena_printf(ctx->arena, "logout|%s", cookie);
	crypto_hmac(crypto_sha256_text(ctx->arena, label), text, strlen(text), mac);
	return enc_b64url(ctx->arena, mac, sizeof mac);
}

const char *logout_handle_make(struct context *ctx, const struct logout_request *request)
{
	const struct param fields[] = {{"client_id", request->client_id},
		{"post_logout_redirect_uri", request->post_logout_redirect_uri},
		{"state", request->state}, {"ui_locales", request->ui_locales}};
	struct params *params = ARENA_NEW(ctx->arena, struct params);
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		if (fields[i].value)
			params->items[params->n++] = fields[i];
	}
	const char *text = params_encode(ctx->arena, params);
	const char *mac = mac_of(ctx, text);
	return arena_printf(
		ctx->arena, "%s.%s", enc_b64url(ctx->arena, text, strlen(text)), mac ? mac : "");
}

bool logout_handle_read(struct context *ctx, const char *handle, struct logout_request *out)
{
	const char *dot = handle ? strchr(handle, '.') : NULL;
	const struct params *params = NULL;
	struct error fault;
	uint8_t *text = NULL;
	size_t len = 0;
	if (!dot)
		return false;
	const char *head = arena_strndup(ctx->arena, handle, (size_t)(dot - handle));
	if (enc_b64url_decode(ctx->arena, head, &text, &len).err != ERR_NONE)
		return false;
	const char *mac = mac_of(ctx, (const char *)text);
	if (!mac || !crypto_equal_text(mac, dot + 1))
		return false;
	enum params_verdict verdict = params_parse(ctx->arena, (const char *)text, len, &params);
	return logout_parse(ctx->arena, params, verdict, out, &fault);
}
