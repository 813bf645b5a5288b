/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/courier/keys.h"
#include "idp/base/clock.h"
#include "vault_table.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define HELD_MAX 4 /* epochs */
#define EVERY_US INT64_C(1800000000)
#define MISSING_US INT64_C(1000000) /* a row can name an epoch that there is no key of */

struct held {
	int64_t epoch;
	uint8_t key[KEY_LEN];
};

struct courier_keys {
	pthread_mutex_t mutex;
	struct held items[HELD_MAX];
	size_t n;
	uint8_t report[KEY_LEN];
	int64_t asked_us; /* monotonic; 0: never */
	bool missing;
};

struct courier_keys *courier_keys_new(void)
{
	struct courier_keys *const keys = calloc(1, sizeof *keys);
	if (!keys)
		abort();
	pthread_mutex_init(&keys->mutex, NULL);
	return keys;
}

void courier_keys_free(struct courier_keys *keys)
{
	if (!keys)
		return;
	pthread_mutex_destroy(&keys->mutex);
	explicit_bzero(keys, sizeof *keys);
	free(keys);
}

static void hold(struct courier_keys *keys, const struct vault_outbox_keys_out *reply)
{
	const size_t n = reply->keys.n < HELD_MAX ? reply->keys.n : HELD_MAX;
	pthread_mutex_lock(&keys->mutex);
	explicit_bzero(keys->items, sizeof keys->items);
	for (size_t i = 0; i < n; i++) {
		keys->items[i].epoch = reply->keys.items[i].epoch;
		memcpy(keys->items[i].key, reply->keys.items[i].key.data, KEY_LEN);
	}
	memcpy(keys->report, reply->report_key.data, KEY_LEN);
	keys->n = n;
	keys->missing = false;
	keys->asked_us = clock_monotonic_us();
	pthread_mutex_unlock(&keys->mutex);
}

struct result courier_keys_refresh(struct courier_keys *keys, struct vault_call *vault)
{
	struct arena *const arena = arena_new();
	struct vault_outbox_keys_out reply;
	struct result asked = vault_call_outbox_keys(vault, arena, &reply);
	if (asked.err == ERR_NONE && reply.outcome != VAULT_OK)
		asked = FAILED(ERR_VAULT);
	if (asked.err == ERR_NONE)
		hold(keys, &reply);
	arena_free(arena);
	return asked;
}

bool courier_keys_due(struct courier_keys *keys, int64_t now_us)
{
	pthread_mutex_lock(&keys->mutex);
	const int64_t age_us = now_us - keys->asked_us;
	const bool due = keys->asked_us == 0 || age_us >= EVERY_US ||
			 (keys->missing && age_us >= MISSING_US);
	pthread_mutex_unlock(&keys->mutex);
	return due;
}

bool courier_keys_known(struct courier_keys *keys)
{
	pthread_mutex_lock(&keys->mutex);
	const bool known = keys->n > 0;
	pthread_mutex_unlock(&keys->mutex);
	return known;
}

bool courier_keys_find(struct courier_keys *keys, int64_t epoch, uint8_t key[static KEY_LEN])
{
	bool found = false;
	pthread_mutex_lock(&keys->mutex);
	for (size_t i = 0; i < keys->n && !found; i++) {
		found = keys->items[i].epoch == epoch;
		if (found)
			memcpy(key, keys->items[i].key, KEY_LEN);
	}
	keys->missing = keys->missing || !found;
	pthread_mutex_unlock(&keys->mutex);
	return found;
}

bool courier_keys_report(struct courier_keys *keys, uint8_t key[static KEY_LEN])
{
	pthread_mutex_lock(&keys->mutex);
	const bool known = keys->n > 0;
	if (known)
		memcpy(key, keys->report, KEY_LEN);
	pthread_mutex_unlock(&keys->mutex);
	return known;
}
