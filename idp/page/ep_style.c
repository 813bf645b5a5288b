/* SPDX-License-Identifier: Apache-2.0 */
/* GET /style.css: the one style sheet. Pages name it with its content's tag, and so named it never
 * changes. It holds no secret, so it alone is sent compressed: the build did that. */
#include "idp/page/site.h"
#include "idp/base/str.h"
#include "idp/io/http_parse.h"
#include "pages.h"

static const struct embedded_file *find(const struct embedded_file *files)
{
	while (files->name && !str_eq(files->name, "style.css"))
		files++;
	return files->name ? files : NULL;
}

struct result ep_style(struct context *ctx)
{
	const struct http_request *request = ctx->request;
	const bool packed =
		http_parse_accepts(ctx->arena, http_header(request, "Accept-Encoding"), "gzip");
	const struct embedded_file *file = find(packed ? pages_packed : pages_files);
	if (!file)
		FAIL(ERR_ABSENT);
	http_body(ctx->response, 200, "text/css; charset=utf-8", file->text, file->len);
	if (packed)
		http_add(ctx->response, "Content-Encoding", "gzip");
	http_add(ctx->response, "Vary", "Accept-Encoding");
	http_add(ctx->response, "Cache-Control",
		str_eq(params_value(request->query, "v"), file->tag)
			? "public, max-age=31536000, immutable"
			: "public, max-age=300");
	return OK;
}
