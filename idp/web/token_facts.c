/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/token_facts.h"
#include "queries_web.h"

/* A code or token without its grant is none: it is denied as unknown. */
static struct token_found found_of(const struct q_web_token_find_row *row)
{
	return (struct token_found){
		.facts = {.found = row->grant_id != NULL,
			.client_id = row->held_by,
			.spent = row->spent,
			.expired = row->expired,
			.expires_at_s = row->expires_at_s,
			.expired_for_s = row->expired_for_s,
			.redirect_uri = row->redirect_uri,
			.code_challenge = row->code_challenge,
			.successor_unused = row->successor_unused,
			.grant = {.scope = row->grant_scope,
				.expired = row->grant_expired,
				.revoked = row->revoked,
				.offline = row->offline,
				.session_lives = row->session_lives,
				.citizen_locked = row->locked}},
		.looked_up = true,
		.client_version = row->client_version_null ? 0 : row->client_version,
		.grant_id = row->grant_id,
		.sub = row->sub,
		.subject_id = row->subject_id,
		.actor_id = row->actor_id,
		.session_id = row->session_id,
		.authentication_id = row->authentication_id,
	};
}

static struct bytes hash_of(struct context *ctx, const char *text)
{
	if (!text)
		return (struct bytes){NULL, 0};
	return (struct bytes){crypto_sha256_text(ctx->arena, text), SHA256_LEN};
}

struct result token_facts_find(
	struct context *ctx, const struct token_facts_of *of, struct token_found *out)
{
	struct q_web_token_find_row row;
	struct handle_span span = {0, 0};
	const char *handle = of->code ? of->code : of->refresh_token;
	if (of->grant_id)
		span = handle_uuid_span(of->grant_id);
	else if (!handle_span(handle, &span)) {
		*out = (struct token_found){.facts = {.found = false}};
		return OK;
	}
	const struct q_web_token_find_in in = {
		.code_hash = hash_of(ctx, of->code),
		.refresh_hash = hash_of(ctx, of->refresh_token),
		.grant_id = of->grant_id,
		.from_ms = span.from_ms,
		.until_ms = span.until_ms,
		.client_id = of->client_id,
		.session_idle_s = (double)ctx->settings->session_idle_s,
		.session_absolute_s = (double)ctx->settings->session_absolute_s,
	};
	TRY(q_web_token_find(ctx->db, ctx->arena, &in, &row));
	*out = found_of(&row);
	return OK;
}
