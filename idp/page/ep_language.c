/* SPDX-License-Identifier: Apache-2.0 */
/* GET /language?to=…&return_to=…, or POST of a page's own address: remember the language that was
 * chosen on a page, and show that page again. */
#include "idp/page/cookie.h"
#include "idp/page/page_lang.h"
#include "idp/page/site.h"
#include "idp/page/template.h"

#define LANGUAGE_DAYS 365

/* A path of ours, in ASCII: nothing else may be put in Location. */
static bool is_ours(const char *path)
{
	if (!path || path[0] != '/' || !template_url_ok(path))
		return false;
	for (const char *at = path; *at; at++) {
		if ((unsigned char)*at >= 0x7f)
			return false;
	}
	return true;
}

static struct result remember(struct context *ctx, const char *to, const char *back)
{
	enum page_lang lang = PAGE_TH;

	http_redirect(ctx->response, 303, is_ours(back) ? back : "/");
	http_add(ctx->response, "Cache-Control", "no-store");
	if (page_lang_parse(to, &lang))
		cookie_set(ctx, PAGE_LANG_COOKIE, page_lang_code(lang),
			(int64_t)LANGUAGE_DAYS * COOKIE_DAY_S);
	return OK;
}

struct result ep_language(struct context *ctx)
{
	const struct params *query = ctx->request->query;
	return remember(ctx, params_value(query, "to"), params_value(query, "return_to"));
}

struct result ep_language_here(struct context *ctx)
{
	const struct http_request *request = ctx->request;
	const char *mark = params_get(request->query, "switched") ? "" : "&switched=1";
	const char *back =
		arena_printf(ctx->arena, "%s?%s%s", request->path, request->query_text, mark);
	return remember(ctx, params_value(request->form, "to"), back);
}
