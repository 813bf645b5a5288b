/* SPDX-License-Identifier: Apache-2.0 */
/* GET /help and /privacy: what a citizen may want to know before or beside a sign-in. The database
 * is not asked. */
#include "idp/page/page_lang.h"
#include "idp/web/web.h"

#define DAY_S 86400
#define HOUR_S 3600

/* Rounded up: what is said to be gone by then is gone. */
static int64_t whole(int64_t seconds, int64_t unit_s)
{
	return (seconds + unit_s - 1) / unit_s;
}

struct result ep_help(struct context *ctx)
{
	struct page page = {.name = "help", .data = json_object()};

	json_put(page.data, "change_password", ctx->settings->change_password_url);
	json_put(page.data, "return_to", "/help");
	page_show(ctx, &page);
	return OK;
}

struct result ep_privacy(struct context *ctx)
{
	const struct settings *settings = ctx->settings;
	const bool english = page_lang(ctx, NULL) == PAGE_EN;
	struct page page = {.name = "privacy", .data = json_object()};

	json_put(
		page.data, "notice", english ? settings->privacy_url_en : settings->privacy_url_th);
	json_put_int(page.data, "record_days", settings->record_retention_days);
	json_put_int(page.data, "session_hours", whole(settings->session_absolute_s, HOUR_S));
	json_put_int(page.data, "offline_days", whole(settings->refresh_token_ttl_s, DAY_S));
	json_put(page.data, "return_to", "/privacy");
	page_show(ctx, &page);
	return OK;
}
