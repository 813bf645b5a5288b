/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/page/answer.h"
#include "oidc/discovery.h"
#include <string.h>

/* OpenID Connect Discovery s4.2, RFC 8414 s3.2. It runs on an I/O thread, so the text is made once,
 * at start. */
struct result ep_discovery(struct web *web)
{
	const char *text = web->discovery;
	if (!text) {
		AUTO_JSON json_t *metadata = discovery_metadata(web->settings->issuer);
		text = json_text(web->arena, metadata);
	}
	http_body(web->response, 200, "application/json", text, strlen(text));
	http_add(web->response, "Cache-Control", "public, max-age=3600");
	return OK;
}
