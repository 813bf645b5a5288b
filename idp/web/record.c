/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/record.h"
#include "idp/base/enc.h"
#include "idp/base/tally.h"
#include "idp/io/vault_codec.h"
#include "queries_web.h"
#include <string.h>

/* PostgreSQL and the vault refuse bytes that are no UTF-8, and an unauthenticated client must not
 * be able to make a statement fail: then those beyond ASCII are shown as '?'. */
static const char *user_agent(struct context *ctx)
{
	const char *text = http_header(ctx->request, "User-Agent");
	if (!text)
		return NULL;
	if (str_utf8_valid(text, strlen(text)))
		return str_clip(ctx->arena, text, VAULT_AGENT_MAX);
	char *const made = arena_strndup(ctx->arena, text, strnlen(text, VAULT_AGENT_MAX));
	for (char *at = made; *at; at++)
		if ((unsigned char)*at > 0x7f)
			*at = '?';
	return made;
}

static const char *device(struct context *ctx)
{
	const char *cookie = http_cookie(ctx->request, DEVICE_COOKIE);
	if (!cookie)
		return NULL;
	return enc_hex(ctx->arena, crypto_sha256_text(ctx->arena, cookie), SHA256_LEN);
}

struct record_asker record_asker(struct context *ctx)
{
	return (struct record_asker){
		.address = ctx->request->address,
		.device = device(ctx),
		.user_agent = user_agent(ctx),
		.correlation_id = ctx->request->correlation_id,
	};
}

struct result record_write(struct context *ctx, const struct record_event *event)
{
	static const struct session nobody = {0};
	const struct session *s = event->session ? event->session : &nobody;
	const struct record_asker asker = record_asker(ctx);
	const struct q_web_event_insert_in in = {.kind = event->kind,
		.outcome = event->outcome,
		.reason = event->reason,
		.client_id = event->client_id,
		.subject_id = event->session ? s->subject_id : event->citizen_id,
		.actor_id = event->session ? s->actor_id : event->citizen_id,
		.session_id = s->session_id,
		.authentication_id = s->authentication_id,
		.grant_id = event->grant_id,
		.jti = event->jti,
		.scope = event->scope,
		.acr = s->acr,
		.amr = s->amr,
		.amr_null = !event->session,
		.detail = event->detail ? json_text(ctx->arena, event->detail) : NULL,
		RECORD_ASKER(asker)};
	return q_web_event_insert(ctx->db, ctx->arena, &in, NULL);
}

struct result record_write_or_count(struct context *ctx, const struct record_event *event)
{
	const struct tally_key key = {event->kind, event->outcome, event->reason, event->client_id};
	if (event->session)
		return record_write(ctx, event);
	tally_add(web_of(ctx)->tally, &key, 1);
	return OK;
}
