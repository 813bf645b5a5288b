/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/transaction.h"
#include "idp/base/enc.h"
#include "idp/base/handle.h"
#include "idp/web/device.h"
#include "idp/web/sealed.h"
#include <string.h>

struct transaction transaction_new(struct context *ctx, json_t *request)
{
	return (struct transaction){
		.id = handle_uuid(&ctx->rng, ctx->arena, ctx->now_ms),
		.began_ms = ctx->now_ms,
		.request = json_incref(request),
		.stage = json_object(),
	};
}

void transaction_close(struct transaction *transaction)
{
	if (!transaction)
		return;
	json_decref(transaction->request);
	json_decref(transaction->stage);
	transaction->request = transaction->stage = NULL;
}

/* For the browser with that device cookie. */
static struct sealed_for whom(struct context *ctx, const uint8_t *device)
{
	return (struct sealed_for){"transaction", enc_hex(ctx->arena, device, SHA256_LEN)};
}

/* Short, since each page has it twice. */
static const char *plain(struct context *ctx, const struct transaction *transaction)
{
	AUTO_JSON json_t *object = json_object();
	json_put(object, "i", handle_uuid_short(ctx->arena, transaction->id));
	json_object_set(object, "r", transaction->request);
	if (json_object_size(transaction->stage) > 0)
		json_object_set(object, "s", transaction->stage);
	return json_text(ctx->arena, object);
}

struct result transaction_seal(
	struct context *ctx, const struct transaction *transaction, size_t max, const char **text)
{
	const char *made = NULL;
	TRY(sealed_make(ctx, whom(ctx, device_hash(ctx)), plain(ctx, transaction), &made));
	if (strlen(made) > max)
		FAIL(ERR_BOUNDS);
	*text = made;
	return OK;
}

/* By the present device cookie or the former. data NULL: by neither, or there is no such key. */
static struct result unseal(struct context *ctx, const char *text, struct bytes *opened)
{
	const uint8_t *devices[] = {device_hash(ctx), device_was_hash(ctx)};
	for (size_t i = 0; !opened->data && i < sizeof devices / sizeof *devices; i++) {
		if (devices[i])
			TRY(sealed_open(ctx, whom(ctx, devices[i]), text, opened));
	}
	return OK;
}

/* What was sealed was written by us; a release that wrote it otherwise is as good as none, but for
 * the id as text of the one before. */
static bool read(struct context *ctx, const struct bytes *opened, struct transaction *out)
{
	AUTO_JSON json_t *object = NULL;
	if (json_parse((const char *)opened->data, opened->len, &object, NULL).err != ERR_NONE)
		return false;
	const char *given = json_str(object, "i");
	const char *id = str_is_uuid(given) ? given : handle_uuid_long(ctx->arena, given);
	json_t *request = json_object_get(object, "r"), *stage = json_object_get(object, "s");
	if (!id || !json_is_object(request) || (stage && !json_is_object(stage)))
		return false;
	const struct handle_span made = handle_uuid_span(id);
	if (made.until_ms != made.from_ms + 1)
		return false;
	*out = (struct transaction){
		.id = arena_strdup(ctx->arena, id),
		.began_ms = made.from_ms,
		.request = json_incref(request),
		.stage = stage ? json_incref(stage) : json_object(),
	};
	return true;
}

struct result transaction_open(struct context *ctx, const char *text, struct transaction *out,
	enum transaction_state *state)
{
	struct bytes opened = {NULL, 0};
	*state = TRANSACTION_UNKNOWN;
	if (!text || strnlen(text, TRANSACTION_MAX + 1) > TRANSACTION_MAX)
		return OK;
	TRY(unseal(ctx, text, &opened));
	if (!opened.data || !read(ctx, &opened, out))
		return OK;
	const int64_t age_ms = ctx->now_ms - out->began_ms;
	*state = age_ms < ctx->settings->transaction_ttl_s * 1000 ? TRANSACTION_LIVE
								  : TRANSACTION_EXPIRED;
	return OK;
}
