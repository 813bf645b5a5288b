/* SPDX-License-Identifier: Apache-2.0 */
/* GET /wait.css?s=SECONDS: what makes a page that waits count down without a script. Browsers that
 * do not know @property show the words of the page alone. */
#include "idp/base/str.h"
#include "idp/page/page.h"
#include "idp/web/web.h"
#include <stdlib.h>
#include <string.h>

#define SECONDS_MAX 3600 /* no wait is longer */

/* later: shown when the time is up; soon: until then, in the same place. t is animated; minutes and
 * seconds are made of it. An integer that is computed is rounded. */
static const char form[] =
	"@property --t{syntax:\"<integer>\";inherits:false;initial-value:%d}"
	"@property --m{syntax:\"<integer>\";inherits:false;initial-value:0}"
	"@property --s{syntax:\"<integer>\";inherits:false;initial-value:0}"
	"@keyframes wait{from{--t:%d}to{--t:0}}"
	"@keyframes later{from,to{visibility:hidden}}@keyframes soon{to{visibility:hidden}}"
	".later{animation:later %ds}.soon{animation:soon 0s %ds forwards}"
	".resend{display:grid;justify-items:start;align-items:center}"
	".resend>.later,.resend>.soon{grid-area:1/1;margin:0}"
	".count::after,.until::after{animation:wait %ds linear forwards;--m:calc(var(--t)/60 - "
	"0.5);"
	"--s:calc(var(--t) - var(--m)*60);counter-reset:m var(--m) s var(--s);"
	"content:counter(m) \":\" counter(s,decimal-leading-zero)}\n";

struct result ep_wait(struct context *ctx)
{
	const char *text = params_value(ctx->request->query, "s");
	const size_t len = text ? strlen(text) : 0;
	const int s = len > 0 && len <= 4 && strspn(text, "0123456789") == len ? atoi(text) : 0;
	if (s < 1 || s > SECONDS_MAX) {
		page_error(ctx, 404, "error.not_found", NULL, NULL);
		return OK;
	}
	const char *body = arena_printf(ctx->arena, form, s, s, s, s, s);
	http_body(ctx->response, 200, "text/css; charset=utf-8", body, strlen(body));
	http_add(ctx->response, "Cache-Control", "public, max-age=86400");
	return OK;
}
