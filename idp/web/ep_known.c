/* SPDX-License-Identifier: Apache-2.0 */
/* What programs look for at addresses that are the same on every site: robots.txt (RFC 9309),
 * security.txt (RFC 9116) and change-password (W3C, A Well-Known URL for Changing Passwords). */
#include "idp/base/str.h"
#include "idp/page/page.h"
#include "idp/web/web.h"
#include <string.h>
#include <time.h>

#define EXPIRES_S INT64_C(7776000) /* 90 days: RFC 9116 s2.5.5 wants less than a year */

static void text(struct context *ctx, const char *body)
{
	http_body(ctx->response, 200, "text/plain; charset=utf-8", body, strlen(body));
	http_add(ctx->response, "Cache-Control", "public, max-age=86400");
}

/* Every page is of one citizen's sign-in, or says noindex itself. */
struct result ep_robots(struct context *ctx)
{
	text(ctx, "User-agent: *\nDisallow: /\n");
	return OK;
}

struct result ep_security(struct context *ctx)
{
	const char *contact = ctx->settings->security_contact;
	const time_t expires = (time_t)(ctx->now_s + EXPIRES_S);
	char day[16] = "";
	struct tm at;
	if (str_empty(contact) || !gmtime_r(&expires, &at) ||
		strftime(day, sizeof day, "%Y-%m-%d", &at) == 0) {
		page_error(ctx, 404, "error.not_found", NULL, NULL);
		return OK;
	}
	text(ctx, arena_printf(ctx->arena,
			  "Contact: %s\nExpires: %sT00:00:00Z\nPreferred-Languages: th, en\n"
			  "Canonical: %s/.well-known/security.txt\n",
			  contact, day, ctx->settings->issuer));
	return OK;
}

struct result ep_change_password(struct context *ctx)
{
	const char *url = ctx->settings->change_password_url;
	http_redirect(ctx->response, 303, str_empty(url) ? "/help#password" : url);
	return OK;
}
