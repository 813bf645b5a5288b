/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/record.h"
#include "idp/base/enc.h"
#include "queries_web.h"
#include <string.h>

#define USER_AGENT_MAX 400 /* bytes kept */

/* PostgreSQL refuses bytes that are no UTF-8, and a stranger must not be able to make a statement
 * fail. */
static const char *user_agent(struct context *ctx)
{
	const char *text = http_header(ctx->request, "User-Agent");
	if (!text || !str_utf8_valid(text, strlen(text)))
		return NULL;
	size_t len = strlen(text);
	if (len > USER_AGENT_MAX) {
		len = USER_AGENT_MAX;
		while (len && ((unsigned char)text[len] & 0xC0) == 0x80)
			len--;
	}
	return arena_strndup(ctx->arena, text, len);
}

static const char *device(struct context *ctx)
{
	const char *cookie = http_cookie(ctx->request, DEVICE_COOKIE);
	if (!cookie)
		return NULL;
	return enc_hex(ctx->arena, crypto_sha256_text(ctx->arena, cookie), SHA256_LEN);
}

void record_context(struct context *ctx, struct db_args *args)
{
	db_text(args, ctx->request->address);
	db_text(args, device(ctx));
	db_text(args, user_agent(ctx));
	db_text(args, ctx->request->correlation_id);
}

struct result record_write(struct context *ctx, const struct record_event *event)
{
	const struct session *s = event->session;
	struct db_args args = db_args(ctx->arena);
	db_text(&args, event->kind);
	db_text(&args, event->outcome);
	db_text(&args, event->reason);
	db_text(&args, event->client_id);
	db_text(&args, s ? s->citizen_id : event->citizen_id);
	db_text(&args, s ? s->session_id : NULL);
	db_text(&args, s ? s->authentication_id : NULL);
	db_text(&args, s ? s->acr : NULL);
	db_text(&args, s ? db_text_array(ctx->arena, s->amr.items, s->amr.n) : NULL);
	db_text(&args, event->detail ? json_text(ctx->arena, event->detail) : NULL);
	record_context(ctx, &args);
	return db_exec(ctx->db, &q_web_event_insert, &args, NULL);
}
