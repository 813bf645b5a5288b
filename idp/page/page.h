/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages: templates (pages/<name>.html of idp/page and of each role, embedded) filled with JSON,
 * escaped by default, texts from text/<lang>.json beside them. The one encoder into HTML.
 */
#ifndef PRATU_PAGE_PAGE_H
#define PRATU_PAGE_PAGE_H

#include "idp/page/context.h"

enum page_lang {
	PAGE_TH,
	PAGE_EN,
};

/* Which language: the choice made on the page (cookie __Host-lang), then ui_locales
 * (space-separated BCP 47, may be NULL), then Accept-Language, then Thai. */
enum page_lang page_lang(const struct context *ctx, const char *ui_locales);

struct page {
	const char *name; /* template: "signin_password" */
	int status; /* 0 is 200 */
	const char *ui_locales; /* may be NULL */
	/* form-action 'self', for a page where a secret is typed: whatever its forms lead to, by
	 * any number of redirects, must be ours. Browsers apply the directive to each redirect
	 * behind a form (tried in Chromium 156), so a page whose form ends at an agency has none:
	 * it would stop a citizen whose agency sends them on to another origin. CSP3 s6.4.1 */
	bool form_self;
	bool auto_submit; /* form_post: its page carries the one hashed script */
	bool switch_here; /* the language is switched at the page's own address, by its endpoint.
			     ep_language_here */
	bool isolated; /* cut off from the window that opened it (Cross-Origin-Opener-Policy) */
	json_t *data; /* owned by the page: released by page_show */
};

/* Render into ctx->response with all security headers (CSP, Referrer-Policy, nosniff, no-store,
 * frame-ancestors, HSTS, ...). */
void page_show(struct context *ctx, struct page *page);
/* An error page: text_key names title and body in the texts ("error.redirect_uri"); detail is shown
 * in small print for the integrator (may be NULL); the correlation id always. link (may be NULL) is
 * the way on. */
void page_error(struct context *ctx, int status, const char *text_key, const char *detail,
	const char *link);

#endif
