/* SPDX-License-Identifier: Apache-2.0 */
/* GET /connect: for the people who connect an agency, with this provider's addresses filled in;
 * service_documentation of the metadata. */
#include "idp/page/page.h"
#include "idp/page/page_text.h"
#include "idp/web/web.h"
#include "oidc/client_auth.h"
#include "oidc/error.h"

/* Every code that is answered: its name, and the keys of its texts. */
static json_t *codes(struct arena *arena)
{
	json_t *list = json_array();
	for (int i = ERROR_NONE + 1; i < ERROR_CODES; i++) {
		const char *name = error_name((enum error_code)i);
		json_t *row = json_object();
		json_put(row, "name", name);
		json_put(row, "cause_key", arena_printf(arena, "code.%s.cause", name));
		json_put(row, "cure_key", arena_printf(arena, "code.%s.cure", name));
		json_array_append_new(list, row);
	}
	return list;
}

/* How long things live, by their settings. */
static void put_lives(struct context *ctx, json_t *data)
{
	const struct settings *settings = ctx->settings;
	const struct {
		const char *name;
		int64_t seconds;
	} rows[] = {
		{"code_life", settings->code_ttl_s},
		{"access_life", settings->access_token_ttl_s},
		{"id_life", settings->id_token_ttl_s},
		{"refresh_life", settings->refresh_token_ttl_s},
		{"assertion_age", CLIENT_AUTH_MAX_AGE_S},
		{"clock_skew", CLIENT_AUTH_SKEW_S},
	};
	const enum page_lang lang = page_lang(ctx, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		json_put(data, rows[i].name, page_text_duration(ctx->arena, lang, rows[i].seconds));
}

struct result ep_connect(struct context *ctx)
{
	struct page page = {.name = "connect", .data = json_object()};

	put_lives(ctx, page.data);
	json_put(page.data, "issuer", ctx->settings->issuer);
	json_put(page.data, "return_to", "/connect");
	json_put_new(page.data, "codes", codes(ctx->arena));
	page_show(ctx, &page);
	return OK;
}
