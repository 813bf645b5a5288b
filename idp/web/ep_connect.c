/* SPDX-License-Identifier: Apache-2.0 */
/* GET /connect: for the people who connect an agency, with this provider's addresses filled in;
 * service_documentation of the metadata. */
#include "idp/page/page.h"
#include "idp/web/web.h"

struct result ep_connect(struct context *ctx)
{
	struct page page = {.name = "connect", .data = json_object()};

	json_put(page.data, "issuer", ctx->settings->issuer);
	json_put(page.data, "return_to", "/connect");
	page_show(ctx, &page);
	return OK;
}
