/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/token_claims.h"
#include "vault_table.h"
#include <string.h>

static struct result parse_text(const char *text, json_t **out)
{
	return text ? json_parse(text, strlen(text), out, NULL) : OK;
}

/* *out NULL: refused, or there is none. */
static struct result open_national_id(
	struct context *ctx, const char *grant_ticket, const char **out)
{
	const struct vault_national_id_in in = {grant_ticket};
	struct vault_national_id_out reply;
	TRY(vault_call_national_id(ctx->vault, ctx->arena, &in, &reply));
	if (reply.outcome == VAULT_FAILED)
		FAIL(ERR_VAULT);
	*out = reply.national_id;
	return OK;
}

struct result token_claims_put(struct context *ctx, enum claims_place place, const char *scope,
	const struct token_claims_source *source, json_t *out)
{
	AUTO_JSON json_t *asked = NULL;
	AUTO_JSON json_t *stored = NULL;
	const char *fault;
	struct claims_grant grant = {.scope = str_split(ctx->arena, scope, ' ')};
	TRY(parse_text(source->grant_claims, &asked));
	TRY(parse_text(source->citizen_claims, &stored));
	if (!claims_from_json(ctx->arena, asked, &grant.request, &fault))
		FAIL(ERR_FORMAT);
	grant.request = claims_permitted(ctx->arena, &grant.request, &source->client->scopes);
	claims_read_shown(ctx->arena, asked, &grant);
	struct claims_source from = {
		.stored = stored, .updated_at_s = source->citizen_updated_at_s};
	if (claims_has_national_id(&grant, place))
		TRY(open_national_id(ctx, source->ticket, &from.national_id));
	claims_put(out, place, &grant, &from);
	return OK;
}
