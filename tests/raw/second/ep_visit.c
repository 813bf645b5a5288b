/* SPDX-License-Identifier: Apache-2.0 */
/* GET /: a page that knows by a cookie of its own whether this browser was here. POST /: sets it.
 */
#include "idp/page/cookie.h"
#include "idp/page/page.h"
#include "tests/raw/second/second.h"
#include <string.h>

#define COOKIE "__Host-second"

struct result ep_visit_get(struct context *ctx)
{
	struct page page = {.name = "second", .form_self = true, .data = json_object()};
	json_put_flag(page.data, "known", cookie_opaque(ctx, COOKIE) != NULL);
	page_show(ctx, &page);
	return OK;
}

struct result ep_visit_post(struct context *ctx)
{
	cookie_set(ctx, COOKIE, rng_opaque(&ctx->rng, ctx->arena), COOKIE_SESSION);
	http_redirect(ctx->response, 303, "/");
	return OK;
}

/* How many requests were begun and ended, this one not ended yet; whether there is a server. */
struct result ep_figures(struct context *ctx)
{
	const struct second *second = second_of(ctx);
	const char *text = arena_printf(ctx->arena, "%d %d %s", atomic_load(second->begun),
		atomic_load(second->ended), ctx->server ? "server" : "none");
	http_body(ctx->response, 200, "text/plain", text, strlen(text));
	return OK;
}
