/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/page/answer.h"
#include "idp/web/keys.h"
#include <string.h>

/* RFC 7517 s5. A next key stands here long before it signs, so a client may keep this for minutes.
 */
struct result ep_jwks(struct context *ctx)
{
	const char *text;
	TRY(web_keys_document(ctx, &text));
	http_body(ctx->response, 200, "application/json", text, strlen(text));
	http_add(ctx->response, "Cache-Control", "public, max-age=300");
	return OK;
}
