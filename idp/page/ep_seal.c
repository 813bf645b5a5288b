/* SPDX-License-Identifier: Apache-2.0 */
/* GET /seal: the operator's seal, as the settings name it. It is read for each request, since
 * browsers keep it for a day. */
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/io/seal_image.h"
#include "idp/page/page.h"
#include "idp/page/site.h"

struct result ep_seal(struct context *ctx)
{
	const char *path = ctx->settings->seal_file;
	const struct seal_image seal = str_empty(path)
					       ? (struct seal_image){.fault = "no seal_file is set"}
					       : seal_image_read(ctx->arena, path);
	if (!seal.bytes) {
		log_warn(context_event(ctx, "seal"), "file", path, "error", seal.fault,
			"correlation_id", ctx->request->correlation_id);
		page_error(ctx, 404, "error.not_found", NULL, NULL);
		return OK;
	}
	http_body(ctx->response, 200, seal.type, seal.bytes, seal.len);
	http_add(ctx->response, "Cache-Control", "public, max-age=86400");
	return OK;
}
