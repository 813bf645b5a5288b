/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/page/page.h"
#include "idp/base/enc.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/page/page_text.h"
#include "idp/page/site.h"
#include "pages.h"
#include <string.h>

#define RETURN_MAX 12288 /* bytes of an own address that the language switch carries */
#define STYLE "style.css"

/* SHA-256 of the one script, in form_post.html (a test compares them). */
#define SCRIPT_HASH "'sha256-ePniVEkSivX/c7XWBGafqh8tSpiRrKiqYeqbG7N1TOE='"

/* What a page shows if it cannot be made: a fault of ours that tests should have met. */
static const char BROKEN[] =
	"<!doctype html><html lang=\"th\"><meta charset=\"utf-8\"><title>500</title>"
	"<p>ระบบขัดข้อง โปรดลองใหม่ภายหลัง</p>"
	"<p lang=\"en\">Something went wrong. Please try again later.</p></html>";

static const char *style_url(struct arena *arena)
{
	for (const struct embedded_file *f = pages_files; f->name; f++) {
		if (strcmp(f->name, STYLE) == 0)
			return arena_printf(arena, "/%s?v=%s", STYLE, f->tag);
	}
	return "/" STYLE;
}

/* Where a page can be had again: its own address, NULL for the answer to a POST. */
static const char *own_address(const struct context *ctx)
{
	const struct http_request *request = ctx->request;

	if (request->method != HTTP_GET || !request->path || !request->query_text)
		return NULL;
	if (!*request->query_text)
		return request->path;
	return arena_printf(ctx->arena, "%s?%s", request->path, request->query_text);
}

/* What shows the same page in the other language: a form, which carries nothing, where the page's
 * own address is long; otherwise a link; none where the page cannot be had again. */
static void put_switch(
	struct context *ctx, const struct page *page, enum page_lang lang, json_t *data)
{
	const char *back = json_str(data, "return_to");
	enum page_lang other = lang == PAGE_TH ? PAGE_EN : PAGE_TH;

	if (!back)
		back = own_address(ctx);
	json_put(data, "other_lang", page_lang_code(other));
	json_put_flag(data, "switch_here", page->switch_here);
	if (page->switch_here)
		return;
	if (!back || strlen(back) > RETURN_MAX || !template_url_ok(back))
		return;
	json_put(data, "switch_url",
		arena_printf(ctx->arena, "/language?to=%s&return_to=%s", page_lang_code(other),
			enc_percent(ctx->arena, back)));
}

/* Who runs the service; none of it is shown where it is not set. */
static void put_operator(const struct settings *settings, bool english, json_t *data)
{
	json_put(data, "operator", english ? settings->operator_en : settings->operator_th);
	json_put_flag(data, "seal", !str_empty(settings->seal_file));
}

static void put_common(
	struct context *ctx, const struct page *page, enum page_lang lang, json_t *data)
{
	const struct settings *settings = ctx->settings;
	bool english = lang == PAGE_EN;

	json_put(data, "lang", page_lang_code(lang));
	json_put(data, "service_name",
		english ? settings->service_name_en : settings->service_name_th);
	json_put(data, "support", english ? settings->support_en : settings->support_th);
	put_operator(settings, english, data);
	json_put_flag(data, "citizens", ctx->site->for_citizens);
	json_put(data, "issuer_host", strstr(context_address(ctx), "://") + 3);
	json_put(data, "style_url", style_url(ctx->arena));
	json_put_flag(data, "sandbox", settings->mode == MODE_SANDBOX);
	put_switch(ctx, page, lang, data);
}

static const char *policy(struct context *ctx, const struct page *page)
{
	static const char fixed[] = "default-src 'none'; style-src 'self'; img-src 'self' data:; "
				    "frame-ancestors 'none'; base-uri 'none'";
	return arena_printf(ctx->arena, "%s%s%s", fixed,
		page->auto_submit ? "; script-src " SCRIPT_HASH : "",
		page->form_self ? "; form-action 'self'" : "");
}

static void put_headers(struct context *ctx, const struct page *page, enum page_lang lang)
{
	struct http_response *response = ctx->response;

	http_add(response, "Content-Security-Policy", policy(ctx, page));
	http_add(response, "X-Content-Type-Options", "nosniff");
	http_add(response, "X-Frame-Options", "DENY");
	/* An address may carry a sealed transaction: it is sent once in a request's head, not
	 * twice. */
	http_add(response, "Referrer-Policy", "strict-origin");
	http_add(response, "Cache-Control", "no-store");
	http_add(response, "Content-Language", page_lang_code(lang));
	/* An agency may open the sign-in in a window of its own and wait for that window. */
	if (page->isolated)
		http_add(response, "Cross-Origin-Opener-Policy", "same-origin");
}

void page_show(struct context *ctx, struct page *page)
{
	AUTO_JSON json_t *data = page->data ? page->data : json_object();
	enum page_lang lang = page_lang(ctx, page->ui_locales);
	struct template_set set = page_text_set(lang);
	int status = page->status ? page->status : 200;
	const char *html = NULL;
	struct result result;

	page->data = NULL;
	put_common(ctx, page, lang, data);
	result = template_render(ctx->arena, &set, page->name, data, &html);
	if (result.err != ERR_NONE) {
		log_error("page.render", "page", page->name, "error", result_name(result.err),
			"where", result.where, "correlation_id", ctx->request->correlation_id);
		html = BROKEN;
		status = 500;
	}
	http_body(ctx->response, status, "text/html; charset=utf-8", html, strlen(html));
	put_headers(ctx, page, lang);
}

/* Where to try again what failed; NULL: nowhere. */
static const char *try_again(struct context *ctx)
{
	const char *again = own_address(ctx);
	if (again || !ctx->site->again)
		return again;
	again = ctx->site->again(ctx);
	return again && template_url_ok(again) ? again : NULL;
}

/* The keys of an error's title and body; those of an error without a name where text_key has no
 * texts. */
static void put_error_keys(struct context *ctx, const char *text_key, json_t *data)
{
	struct template_set set = page_text_set(PAGE_TH);
	const char *title = arena_printf(ctx->arena, "%s.title", text_key);
	const char *body = arena_printf(ctx->arena, "%s.text", text_key);

	if (!template_lookup(&set, title) || !template_lookup(&set, body)) {
		title = "error.generic.title";
		body = "error.generic.text";
	}
	json_put(data, "title_key", title);
	json_put(data, "text_key", body);
}

void page_error(
	struct context *ctx, int status, const char *text_key, const char *detail, const char *link)
{
	const struct params *query = ctx->request->query;
	struct page page = {.name = "error", .status = status, .data = json_object()};
	const char *again = status >= 500 || status == 429 ? try_again(ctx) : NULL;

	page.ui_locales = query ? params_value(query, "ui_locales") : NULL;
	put_error_keys(ctx, text_key, page.data);
	json_put(page.data, "detail", detail);
	json_put(page.data, "correlation_id", ctx->request->correlation_id);
	json_put_flag(page.data, "has_link", link != NULL);
	json_put(page.data, "link_key", link ? "error.link" : again ? "error.again" : "error.home");
	link = link ? link : again ? again : "/";
	json_put(page.data, "link", template_url_ok(link) ? link : "/");
	page_show(ctx, &page);
}
