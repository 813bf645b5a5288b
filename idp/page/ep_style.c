/* SPDX-License-Identifier: Apache-2.0 */
/* GET /style.css: the one stylesheet. Pages name it with its content's tag, and so named it never
 * changes. */
#include "idp/page/site.h"
#include "idp/base/str.h"
#include "pages.h"

struct result ep_style(struct context *ctx)
{
	const char *asked = params_value(ctx->request->query, "v");

	for (const struct embedded_file *f = pages_files; f->name; f++) {
		if (!str_eq(f->name, "style.css"))
			continue;
		http_body(ctx->response, 200, "text/css; charset=utf-8", f->text, f->len);
		http_add(ctx->response, "Cache-Control",
			str_eq(asked, f->tag) ? "public, max-age=31536000, immutable"
					      : "public, max-age=300");
		return OK;
	}
	FAIL(ERR_ABSENT);
}
