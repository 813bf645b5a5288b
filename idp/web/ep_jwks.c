/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/jwks_times.h"
#include "idp/page/answer.h"
#include "idp/web/keys.h"
#include <string.h>

/* RFC 7517 s5. A next key is here for at least twice max-age before it signs. private: after a
 * rotation at once a client that meets an unknown kid asks again, and no cache on the way may give
 * it a former answer. */
struct result ep_jwks(struct context *ctx)
{
	const char *text;
	TRY(web_keys_document(ctx, &text));
	http_body(ctx->response, 200, "application/json", text, strlen(text));
	http_add(ctx->response, "Cache-Control",
		arena_printf(ctx->arena, "private, max-age=%d", JWKS_MAX_AGE_S));
	return OK;
}
