/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/subs.h"
#include "idp/base/crypto.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UUID_SIZE 37

struct place {
	uint8_t key[SHA256_LEN];
	char sub[UUID_SIZE];
	int64_t until_ms; /* 0: empty */
};

struct subs {
	pthread_mutex_t mutex;
	struct place places[SUBS_PLACES];
};

struct subs *subs_new(void)
{
	struct subs *const made = calloc(1, sizeof *made);
	if (!made)
		abort();
	pthread_mutex_init(&made->mutex, NULL);
	return made;
}

void subs_free(struct subs *subs)
{
	if (!subs)
		return;
	pthread_mutex_destroy(&subs->mutex);
	free(subs);
}

/* The client_id is last: what precedes it contains no '|'. */
static void digest(const struct subs_key *key, uint8_t out[static SHA256_LEN])
{
	char text[512];
	const int len = snprintf(text, sizeof text, "%s|%lld|%s", key->subject_id,
		(long long)key->client_version, key->client_id);
	crypto_sha256(text, (size_t)len < sizeof text ? (size_t)len : sizeof text - 1, out);
}

static struct place *place_of(struct subs *subs, const uint8_t hash[static SHA256_LEN])
{
	return &subs->places[((size_t)hash[0] << 8 | hash[1]) % SUBS_PLACES];
}

const char *subs_find(
	struct subs *subs, struct arena *arena, const struct subs_key *key, int64_t now_ms)
{
	uint8_t hash[SHA256_LEN];
	digest(key, hash);
	struct place *const place = place_of(subs, hash);
	pthread_mutex_lock(&subs->mutex);
	const bool found = now_ms < place->until_ms && memcmp(place->key, hash, sizeof hash) == 0;
	const char *const sub = found ? arena_strdup(arena, place->sub) : NULL;
	pthread_mutex_unlock(&subs->mutex);
	return sub;
}

void subs_put(struct subs *subs, const struct subs_key *key, const char *sub, int64_t now_ms)
{
	uint8_t hash[SHA256_LEN];
	digest(key, hash);
	struct place *const place = place_of(subs, hash);
	pthread_mutex_lock(&subs->mutex);
	memcpy(place->key, hash, sizeof hash);
	(void)snprintf(place->sub, sizeof place->sub, "%s", sub);
	place->until_ms = now_ms + INT64_C(1000) * SUBS_AGE_S;
	pthread_mutex_unlock(&subs->mutex);
}
