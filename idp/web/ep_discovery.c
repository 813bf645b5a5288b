/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/page/answer.h"
#include "idp/web/web.h"
#include "oidc/discovery.h"
#include <string.h>

/* OpenID Connect Discovery s4.2, RFC 8414 s3.2. It runs on an I/O thread, so the text is made once,
 * at start. */
struct result ep_discovery(struct context *ctx)
{
	const char *text = web_of(ctx)->discovery;
	if (!text) {
		AUTO_JSON json_t *metadata = discovery_metadata(ctx->settings->issuer);
		text = json_text(ctx->arena, metadata);
	}
	http_body(ctx->response, 200, "application/json", text, strlen(text));
	http_add(ctx->response, "Cache-Control", "public, max-age=3600");
	return OK;
}
