/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/keyring.h"
#include "idp/base/clock.h"
#include "idp/io/jwks_times.h"
#include "idp/vault/keystore.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define SPARE_S 10 /* making an RSA key takes seconds on a slow machine */

struct keyring {
	struct keyring_home home;
	pthread_mutex_t renewing; /* one refresh or rotation at a time */
	pthread_mutex_t mutex; /* over present and the counts of its holders */
	struct keyring_set *present;
	_Atomic int64_t
		read_us; /* monotonic: when what is present was last seen to be true; 0: never */
};

static const enum jose_alg algs[] = {JOSE_ES256, JOSE_RS256, JOSE_PS256};
#define N_ALGS (sizeof algs / sizeof *algs)

/* A token, or an ID token that a citizen's session still offers as a hint when it ends. */
static int64_t longest_s(const struct settings *settings)
{
	int64_t longest = settings->session_absolute_s;
	if (settings->access_token_ttl_s > longest)
		longest = settings->access_token_ttl_s;
	return settings->id_token_ttl_s > longest ? settings->id_token_ttl_s : longest;
}

/* Another vault may sign with the former key for KEYS_TRUE_S more. */
int64_t keyring_keep_s(const struct settings *settings)
{
	return KEYS_TRUE_S + longest_s(settings) + JWKS_MAX_AGE_S;
}

struct keyring *keyring_new(const struct keyring_home *home)
{
	struct keyring *keyring = calloc(1, sizeof *keyring);
	struct keyring_set *empty = calloc(1, sizeof *empty);
	if (!keyring || !empty)
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
	if (!keyring)
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

/* Sets are in the order in which keys begin to sign, so the last that has begun is the newest. */
const struct keyring_key *keyring_current(
	const struct keyring_set *set, enum jose_alg alg, int64_t now_s)
{
	const struct keyring_key *found = NULL;
	for (size_t i = 0; i < set->n; i++) {
		const struct keyring_key *key = &set->items[i];
		if (key->alg == alg && key->retired_at_s > now_s && key->signs_since_s != INT64_MAX)
			found = key;
	}
	return found;
}

bool keyring_fresh(struct keyring *keyring)
{
	const int64_t read_us = atomic_load(&keyring->read_us);
	return read_us != 0 && clock_monotonic_us() - read_us < KEYS_TRUE_S * INT64_C(1000000);
}

bool keyring_ready(struct keyring *keyring, int64_t now_s)
{
	struct keyring_set *set = keyring_hold(keyring);
	bool ready = keyring_fresh(keyring);
	for (size_t i = 0; i < N_ALGS; i++)
		ready = ready && keyring_current(set, algs[i], now_s);
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

static bool has_key(const struct keyring_set *set, enum jose_alg alg)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->items[i].alg == alg)
			return true;
	return false;
}

bool keyring_complete(const struct keyring_set *set)
{
	bool all = true;
	for (size_t i = 0; i < N_ALGS; i++)
		all = all && has_key(set, algs[i]);
	return all;
}

/* What follows runs with `renewing` held: present is replaced by its holder only, who may therefore
 * read it without the other mutex. */

static struct result load(struct keyring *keyring)
{
	struct keyring_set *set = NULL;
	const int64_t began_us = clock_monotonic_us();
	TRY(keystore_load(&keyring->home, keyring->present, &set));
	if (set)
		replace(keyring, set);
	atomic_store(&keyring->read_us, began_us);
	return OK;
}

static struct result make_missing(struct keyring *keyring)
{
	bool made = false;
	for (size_t i = 0; i < N_ALGS; i++) {
		if (has_key(keyring->present, algs[i]))
			continue;
		TRY(keystore_first(&keyring->home, algs[i]));
		made = true;
	}
	return made ? load(keyring) : OK;
}

/* By this clock, and with some seconds to spare: the database's clock decides. */
static bool any_waits(const struct keyring_set *set, int64_t now_s)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->items[i].signs_since_s == INT64_MAX &&
			set->items[i].active_from_s <= now_s + SPARE_S)
			return true;
	return false;
}

static struct result begin_signing(struct keyring *keyring, int64_t now_s)
{
	bool begun = false;
	if (any_waits(keyring->present, now_s))
		TRY(keystore_begin(&keyring->home, &begun));
	return begun ? load(keyring) : OK;
}

static struct result refresh(struct keyring *keyring, int64_t now_s)
{
	TRY(load(keyring));
	TRY(make_missing(keyring));
	TRY(begin_signing(keyring, now_s));
	return keystore_wipe(&keyring->home);
}

static struct result rotate(struct keyring *keyring, const struct keyring_rotation *rotation)
{
	TRY(keystore_rotate(&keyring->home, rotation));
	TRY(load(keyring));
	return begin_signing(keyring, rotation->now_s);
}

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
	const struct result done = rotate(keyring, rotation);
	pthread_mutex_unlock(&keyring->renewing);
	return done;
}

static bool has_kid(const struct keyring_set *set, const char *kid)
{
	for (size_t i = 0; i < set->n; i++)
		if (str_eq(jose_key_kid(set->items[i].key), kid))
			return true;
	return false;
}

static bool has_all(struct keyring *keyring, const struct str_list *kids)
{
	struct keyring_set *set = keyring_hold(keyring);
	bool all = true;
	for (size_t i = 0; i < kids->n; i++)
		all = all && has_kid(set, kids->items[i]);
	keyring_release(keyring, set);
	return all;
}

static struct result catch_up(struct keyring *keyring, const struct str_list *kids, int64_t now_s)
{
	pthread_mutex_lock(&keyring->renewing);
	struct result done = has_all(keyring, kids) ? OK : load(keyring);
	if (done.err == ERR_NONE)
		done = begin_signing(keyring, now_s);
	pthread_mutex_unlock(&keyring->renewing);
	if (done.err == ERR_NONE && !has_all(keyring, kids))
		FAIL(ERR_ABSENT);
	return done;
}

static bool waits(struct keyring *keyring, int64_t now_s)
{
	struct keyring_set *set = keyring_hold(keyring);
	const bool any = any_waits(set, now_s);
	keyring_release(keyring, set);
	return any;
}

struct result keyring_publish(
	struct keyring *keyring, const struct keyring_publisher *publisher, int64_t now_s)
{
	struct arena *arena = arena_new();
	struct str_list kids = {NULL, 0};
	struct result done = keystore_publish(&keyring->home, arena, publisher, &kids);
	if (done.err == ERR_NONE && (!has_all(keyring, &kids) || waits(keyring, now_s)))
		done = catch_up(keyring, &kids, now_s);
	arena_free(arena);
	return done;
}

struct result keyring_leave(struct keyring *keyring, const char *process_id)
{
	return keystore_leave(&keyring->home, process_id);
}
