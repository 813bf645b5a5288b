/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/sealed.h"
#include "idp/base/enc.h"
#include <inttypes.h>
#include <string.h>

#define VERSION 1
#define HEAD_LEN 5 /* version and epoch */
#define LEAST_LEN (HEAD_LEN + CRYPTO_NONCE_LEN + 16) /* with an empty plaintext and its tag */

static struct bytes aad(struct context *ctx, struct sealed_for whom, int64_t epoch)
{
	const char *text = arena_printf(
		ctx->arena, "%s|%d|%" PRId64 "|%s", whom.purpose, VERSION, epoch, whom.owner);
	return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static struct result seal(
	struct context *ctx, int64_t epoch, const struct bytes in[static 2], struct bytes *sealed)
{
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

struct result sealed_make(
	struct context *ctx, struct sealed_for whom, const char *text, const char **sealed)
{
	const int64_t epoch = seal_epoch(ctx->now_s);
	const struct bytes in[] = {{(const uint8_t *)text, strlen(text)}, aad(ctx, whom, epoch)};
	struct bytes made = {NULL, 0};
	TRY(seal(ctx, epoch, in, &made));
	uint8_t *all = arena_alloc(ctx->arena, HEAD_LEN + made.len);
	all[0] = VERSION;
	for (int i = 1; i < HEAD_LEN; i++)
		all[i] = (uint8_t)(epoch >> (8 * (HEAD_LEN - 1 - i)));
	memcpy(all + HEAD_LEN, made.data, made.len);
	*sealed = enc_b64url(ctx->arena, all, HEAD_LEN + made.len);
	return OK;
}

static int64_t epoch_of(const uint8_t *all)
{
	int64_t epoch = 0;
	for (int i = 1; i < HEAD_LEN; i++)
		epoch = epoch << 8 | all[i];
	return epoch;
}

struct result sealed_open(
	struct context *ctx, struct sealed_for whom, const char *sealed, struct bytes *opened)
{
	uint8_t *all = NULL, key[KEY_LEN];
	size_t len = 0;
	bool found = false;
	*opened = (struct bytes){NULL, 0};
	if (!sealed || enc_b64url_decode(ctx->arena, sealed, &all, &len).err != ERR_NONE ||
		len < LEAST_LEN || all[0] != VERSION)
		return OK;
	const int64_t epoch = epoch_of(all);
	TRY(seal_keys_find(ctx, epoch, key, &found));
	const struct bytes in[] = {{all + HEAD_LEN, len - HEAD_LEN}, aad(ctx, whom, epoch)};
	if (!found || crypto_open(ctx->arena, key, in, opened).err != ERR_NONE)
		*opened = (struct bytes){NULL, 0};
	explicit_bzero(key, sizeof key);
	return OK;
}
