/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/keyring.h"
#include "idp/vault/keystore.h"
#include <pthread.h>
#include <stdlib.h>

struct keyring {
	struct keyring_home home;
	pthread_mutex_t renewing; /* one refresh or rotation at a time */
	pthread_mutex_t mutex; /* over present and the counts of its holders */
	struct keyring_set *present;
};

static const enum jose_alg algs[] = {JOSE_ES256, JOSE_RS256, JOSE_PS256};
#define N_ALGS (sizeof algs / sizeof *algs)

struct keyring *keyring_new(const struct keyring_home *home)
{
	struct keyring *keyring = calloc(1, sizeof *keyring);
	struct keyring_set *empty = calloc(1, sizeof *empty);
	if (keyring == NULL || empty == NULL)
		abort();
	empty->refs = 1;
	keyring->home = *home;
	keyring->present = empty;
	pthread_mutex_init(&keyring->renewing, NULL);
	pthread_mutex_init(&keyring->mutex, NULL);
	return keyring;
}

void keyring_free(struct keyring *keyring)
{
	if (keyring == NULL)
		return;
	keystore_set_free(keyring->present);
	pthread_mutex_destroy(&keyring->mutex);
	pthread_mutex_destroy(&keyring->renewing);
	free(keyring);
}

struct keyring_set *keyring_hold(struct keyring *keyring)
{
	pthread_mutex_lock(&keyring->mutex);
	struct keyring_set *set = keyring->present;
	set->refs++;
	pthread_mutex_unlock(&keyring->mutex);
	return set;
}

void keyring_release(struct keyring *keyring, struct keyring_set *set)
{
	pthread_mutex_lock(&keyring->mutex);
	const bool last = --set->refs == 0;
	pthread_mutex_unlock(&keyring->mutex);
	if (last)
		keystore_set_free(set);
}

static void replace(struct keyring *keyring, struct keyring_set *set)
{
	set->refs = 1;
	pthread_mutex_lock(&keyring->mutex);
	struct keyring_set *former = keyring->present;
	keyring->present = set;
	pthread_mutex_unlock(&keyring->mutex);
	keyring_release(keyring, former);
}

/* Sets are ordered by age within an algorithm, so the last that fits is the newest. Where none is
 * active yet (two clocks that differ, at the very first key), the earliest serves. */
const struct keyring_key *keyring_current(
	const struct keyring_set *set, enum jose_alg alg, int64_t now_s)
{
	const struct keyring_key *found = NULL;
	for (size_t i = 0; i < set->n; i++) {
		const struct keyring_key *key = &set->items[i];
		if (key->alg != alg || key->retired_at_s <= now_s)
			continue;
		if (found == NULL || key->active_from_s <= now_s)
			found = key;
	}
	return found;
}

bool keyring_ready(struct keyring *keyring, int64_t now_s)
{
	struct keyring_set *set = keyring_hold(keyring);
	bool ready = true;
	for (size_t i = 0; i < N_ALGS; i++)
		ready = ready && keyring_current(set, algs[i], now_s) != NULL;
	keyring_release(keyring, set);
	return ready;
}

json_t *keyring_public(const struct keyring_set *set, int64_t now_s)
{
	json_t *keys = json_array();
	for (size_t i = 0; i < set->n; i++)
		if (set->items[i].retired_at_s > now_s)
			json_array_append_new(
				keys, jose_key_public(set->items[i].key, set->items[i].alg));
	return keys;
}

static struct result load(struct keyring *keyring, int64_t now_s)
{
	struct keyring_set *set = NULL;
	TRY(keystore_load(&keyring->home, now_s, keyring->present, &set));
	if (set != NULL)
		replace(keyring, set);
	return OK;
}

static struct result make_missing(struct keyring *keyring, int64_t now_s)
{
	for (size_t i = 0; i < N_ALGS; i++)
		if (keyring_current(keyring->present, algs[i], now_s) == NULL)
			TRY(keystore_first(&keyring->home, algs[i], now_s));
	return load(keyring, now_s);
}

static struct result refresh(struct keyring *keyring, int64_t now_s)
{
	TRY(load(keyring, now_s));
	if (!keyring_ready(keyring, now_s))
		TRY(make_missing(keyring, now_s));
	return keystore_wipe(&keyring->home, now_s);
}

/* present is replaced only by who holds `renewing`, who may therefore read it without the other. */
struct result keyring_refresh(struct keyring *keyring, int64_t now_s)
{
	pthread_mutex_lock(&keyring->renewing);
	const struct result done = refresh(keyring, now_s);
	pthread_mutex_unlock(&keyring->renewing);
	return done;
}

struct result keyring_rotate(struct keyring *keyring, const struct keyring_rotation *rotation)
{
	pthread_mutex_lock(&keyring->renewing);
	struct result done = keystore_rotate(&keyring->home, rotation);
	if (done.err == ERR_NONE)
		done = load(keyring, rotation->now_s);
	pthread_mutex_unlock(&keyring->renewing);
	return done;
}
