/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/transaction.h"
#include "idp/base/enc.h"
#include "idp/base/handle.h"
#include "idp/web/device.h"
#include "idp/web/seal_keys.h"
#include <inttypes.h>
#include <string.h>

#define VERSION 1
#define HEAD_LEN 5 /* version and epoch */
#define LEAST_LEN (HEAD_LEN + CRYPTO_NONCE_LEN + 16) /* with an empty plaintext and its tag */

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

static struct bytes aad(struct context *ctx, int64_t epoch, const uint8_t *device)
{
	const char *text = arena_printf(ctx->arena, "transaction|%d|%" PRId64 "|%s", VERSION, epoch,
		enc_hex(ctx->arena, device, SHA256_LEN));
	return (struct bytes){(const uint8_t *)text, strlen(text)};
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

static struct result seal(
	struct context *ctx, int64_t epoch, const char *text, struct bytes *sealed)
{
	const struct bytes in[] = {
		{(const uint8_t *)text, strlen(text)}, aad(ctx, epoch, device_hash(ctx))};
	uint8_t key[KEY_LEN], nonce[CRYPTO_NONCE_LEN];
	bool found = false;
	TRY(seal_keys_find(ctx, epoch, key, &found));
	if (!found)
		FAIL(ERR_VAULT);
	rng_bytes(&ctx->rng, nonce, sizeof nonce);
	const struct result result = crypto_seal(ctx->arena, key, nonce, in, sealed);
	explicit_bzero(key, sizeof key);
	return result;
}

struct result transaction_seal(
	struct context *ctx, const struct transaction *transaction, size_t max, const char **text)
{
	const int64_t epoch = seal_epoch(ctx->now_s);
	struct bytes sealed = {NULL, 0};
	TRY(seal(ctx, epoch, plain(ctx, transaction), &sealed));
	uint8_t *all = arena_alloc(ctx->arena, HEAD_LEN + sealed.len);
	all[0] = VERSION;
	for (int i = 1; i < HEAD_LEN; i++)
		all[i] = (uint8_t)(epoch >> (8 * (HEAD_LEN - 1 - i)));
	memcpy(all + HEAD_LEN, sealed.data, sealed.len);
	const char *made = enc_b64url(ctx->arena, all, HEAD_LEN + sealed.len);
	if (strlen(made) > max)
		FAIL(ERR_BOUNDS);
	*text = made;
	return OK;
}

static int64_t epoch_of(const uint8_t *all)
{
	int64_t epoch = 0;
	for (int i = 1; i < HEAD_LEN; i++)
		epoch = epoch << 8 | all[i];
	return epoch;
}

/* By the present device cookie or the former. *good false: by neither, or there is no such key. */
static struct result unseal(
	struct context *ctx, const struct bytes *all, struct bytes *opened, bool *good)
{
	const uint8_t *devices[] = {device_hash(ctx), device_was_hash(ctx)};
	const int64_t epoch = epoch_of(all->data);
	uint8_t key[KEY_LEN];
	bool found = false;
	TRY(seal_keys_find(ctx, epoch, key, &found));
	for (size_t i = 0; found && !*good && i < sizeof devices / sizeof *devices; i++) {
		if (!devices[i])
			continue;
		const struct bytes in[] = {
			{all->data + HEAD_LEN, all->len - HEAD_LEN}, aad(ctx, epoch, devices[i])};
		*good = crypto_open(ctx->arena, key, in, opened).err == ERR_NONE;
	}
	explicit_bzero(key, sizeof key);
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
	uint8_t *bytes = NULL;
	size_t len = 0;
	bool good = false;
	*state = TRANSACTION_UNKNOWN;
	if (!text || strnlen(text, TRANSACTION_MAX + 1) > TRANSACTION_MAX ||
		enc_b64url_decode(ctx->arena, text, &bytes, &len).err != ERR_NONE ||
		len < LEAST_LEN || bytes[0] != VERSION)
		return OK;
	const struct bytes all = {bytes, len};
	TRY(unseal(ctx, &all, &opened, &good));
	if (!good || !read(ctx, &opened, out))
		return OK;
	const int64_t age_ms = ctx->now_ms - out->began_ms;
	*state = age_ms < ctx->settings->transaction_ttl_s * 1000 ? TRANSACTION_LIVE
								  : TRANSACTION_EXPIRED;
	return OK;
}
