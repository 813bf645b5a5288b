/* SPDX-License-Identifier: Apache-2.0 */
/* GET /favicon.ico: the emblem, where browsers look for it by themselves, so that no page has to
 * name it. It is an SVG: its Content-Type counts, not its name. */
#include "idp/page/site.h"

static const char icon[] = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 48 48\">"
			   "<rect width=\"48\" height=\"48\" rx=\"11\" fill=\"#154a78\"/>"
			   "<path d=\"M13 40V21c0-7 5-11 11-14 6 3 11 7 11 14v19z\" fill=\"#fff\"/>"
			   "<path d=\"M13 40V21c0-7 5-11 11-14v28z\" fill=\"#e9b949\"/>"
			   "<circle cx=\"20.6\" cy=\"25.5\" r=\"1.5\" fill=\"#154a78\"/></svg>\n";

struct result ep_icon(struct context *ctx)
{
	http_body(ctx->response, 200, "image/svg+xml", icon, sizeof icon - 1);
	http_add(ctx->response, "Cache-Control", "public, max-age=604800");
	return OK;
}
