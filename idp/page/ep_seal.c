/* SPDX-License-Identifier: Apache-2.0 */
/* GET /seal: the operator's seal, as the settings name it. It is read for each request, since
 * browsers keep it for a day. */
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/page/page.h"
#include "idp/page/site.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SEAL_MAX 65536 /* bytes */

static void close_file(FILE **file)
{
	if (*file)
		(void)fclose(*file);
}

/* By its first bytes; NULL: neither SVG nor PNG. */
static const char *type_of(const char *image, size_t len)
{
	static const char png[] = "\x89PNG\r\n\x1a\n";
	if (len >= sizeof png - 1 && memcmp(image, png, sizeof png - 1) == 0)
		return "image/png";
	return str_starts(image, "<svg") || str_starts(image, "<?xml") ? "image/svg+xml" : NULL;
}

/* NULL: *fault says why. */
static const char *read_seal(struct context *ctx, size_t *len, const char **fault)
{
	const char *path = ctx->settings->seal_file;
	__attribute__((cleanup(close_file))) FILE *file = fopen(path, "re");
	if (!file) {
		*fault = strerror(errno);
		return NULL;
	}
	char *image = arena_alloc(ctx->arena, SEAL_MAX + 2);
	*len = fread(image, 1, SEAL_MAX + 1, file);
	*fault = "expected SVG or PNG of at most 64 KiB";
	return *len <= SEAL_MAX && type_of(image, *len) ? image : NULL;
}

struct result ep_seal(struct context *ctx)
{
	const char *fault = "no seal_file is set";
	size_t len = 0;
	const char *image =
		str_empty(ctx->settings->seal_file) ? NULL : read_seal(ctx, &len, &fault);
	if (!image) {
		log_warn(context_event(ctx, "seal"), "file", ctx->settings->seal_file, "error",
			fault, "correlation_id", ctx->request->correlation_id);
		page_error(ctx, 404, "error.not_found", NULL, NULL);
		return OK;
	}
	http_body(ctx->response, 200, type_of(image, len), image, len);
	http_add(ctx->response, "Cache-Control", "public, max-age=86400");
	return OK;
}
