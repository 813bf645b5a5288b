/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/seal_keys.h"
#include "idp/web/signin_vault.h"
#include "idp/web/web.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define ASK_AGAIN_US 1000000 /* clients can name epochs that do not exist */

struct seal_keys {
	pthread_mutex_t mutex;
	struct seal_key items[SEAL_KEYS_MAX];
	size_t n;
	int64_t asked_us; /* monotonic; 0: never */
};

struct seal_keys *seal_keys_new(void)
{
	struct seal_keys *keys = calloc(1, sizeof *keys);
	if (!keys)
		abort();
	pthread_mutex_init(&keys->mutex, NULL);
	return keys;
}

void seal_keys_free(struct seal_keys *keys)
{
	if (!keys)
		return;
	pthread_mutex_destroy(&keys->mutex);
	explicit_bzero(keys, sizeof *keys);
	free(keys);
}

void seal_keys_set(struct seal_keys *keys, const struct seal_key *items, size_t n)
{
	const size_t fit = n < SEAL_KEYS_MAX ? n : SEAL_KEYS_MAX;
	pthread_mutex_lock(&keys->mutex);
	explicit_bzero(keys->items, sizeof keys->items);
	if (fit)
		memcpy(keys->items, items, fit * sizeof *items);
	keys->n = fit;
	pthread_mutex_unlock(&keys->mutex);
}

bool seal_keys_known(struct seal_keys *keys)
{
	pthread_mutex_lock(&keys->mutex);
	const bool known = keys->n > 0;
	pthread_mutex_unlock(&keys->mutex);
	return known;
}

static bool held(struct seal_keys *keys, int64_t epoch, uint8_t key[static KEY_LEN])
{
	bool found = false;
	pthread_mutex_lock(&keys->mutex);
	for (size_t i = 0; i < keys->n && !found; i++) {
		found = keys->items[i].epoch == epoch;
		if (found)
			memcpy(key, keys->items[i].key, KEY_LEN);
	}
	pthread_mutex_unlock(&keys->mutex);
	return found;
}

/* Of all who miss a key at once, one asks. */
static bool may_ask(struct seal_keys *keys)
{
	const int64_t now_us = clock_monotonic_us();
	pthread_mutex_lock(&keys->mutex);
	const bool yes = !keys->asked_us || now_us - keys->asked_us >= ASK_AGAIN_US;
	if (yes)
		keys->asked_us = now_us;
	pthread_mutex_unlock(&keys->mutex);
	return yes;
}

static bool plausible(const struct context *ctx, int64_t epoch)
{
	const int64_t now = seal_epoch(ctx->now_s);
	return epoch >= now - 1 && epoch <= now + 1;
}

struct result seal_keys_find(
	struct context *ctx, int64_t epoch, uint8_t key[static KEY_LEN], bool *found)
{
	struct seal_keys *keys = web_of(ctx)->seal_keys;
	*found = held(keys, epoch, key);
	if (*found || !plausible(ctx, epoch))
		return OK;
	if (!ctx->vault || !may_ask(keys))
		FAIL(ERR_VAULT);
	TRY(seal_keys_refresh(ctx));
	*found = held(keys, epoch, key);
	if (!*found)
		FAIL(ERR_VAULT);
	return OK;
}

struct result seal_keys_refresh(struct context *ctx)
{
	struct seal_key items[SEAL_KEYS_MAX] = {0};
	size_t n = 0;
	const struct result result = signin_vault_seal_keys(ctx, items, &n);
	if (result.err == ERR_NONE)
		seal_keys_set(web_of(ctx)->seal_keys, items, n);
	explicit_bzero(items, sizeof items);
	return result;
}
