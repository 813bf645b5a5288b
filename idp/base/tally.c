/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/tally.h"
#include "idp/base/str.h"
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The last places are kept for what finds none: one for each kind that overflows. */
#define PLACES_OTHER 32
#define HASH_START 14695981039346656037u /* FNV-1a, 64 bits */
#define HASH_PRIME 1099511628211u

enum part {
	KIND,
	OUTCOME,
	REASON,
	CLIENT,
	PARTS,
};

struct place {
	uint64_t hash;
	bool has[PARTS]; /* false: NULL */
	char text[PARTS][TALLY_TEXT_MAX + 1];
	int64_t n, total; /* n: not taken yet */
};

struct tally {
	pthread_mutex_t mutex;
	size_t used;
	struct place places[TALLY_PLACES];
};

struct tally *tally_new(void)
{
	struct tally *tally = calloc(1, sizeof *tally);
	if (!tally)
		abort();
	pthread_mutex_init(&tally->mutex, NULL);
	return tally;
}

void tally_free(struct tally *tally)
{
	if (!tally)
		return;
	pthread_mutex_destroy(&tally->mutex);
	free(tally);
}

static void set_part(struct place *place, enum part part, const char *text)
{
	place->has[part] = text != NULL;
	(void)snprintf(place->text[part], sizeof place->text[part], "%s", text ? text : "");
	for (const char *c = place->text[part]; *c; c++)
		place->hash = (place->hash ^ (uint8_t)*c) * HASH_PRIME;
	place->hash = (place->hash ^ (text ? 1u : 0u)) * HASH_PRIME;
}

static struct place place_of(const struct tally_key *key)
{
	struct place place = {.hash = HASH_START};
	set_part(&place, KIND, key->kind);
	set_part(&place, OUTCOME, key->outcome);
	set_part(&place, REASON, key->reason);
	set_part(&place, CLIENT, key->client_id);
	return place;
}

static bool same(const struct place *a, const struct place *b)
{
	if (a->hash != b->hash || memcmp(a->has, b->has, sizeof a->has) != 0)
		return false;
	for (int part = 0; part < PARTS; part++)
		if (!str_eq(a->text[part], b->text[part]))
			return false;
	return true;
}

/* With the mutex held. NULL: there are `most` places, all taken by others. */
static struct place *find(struct tally *tally, const struct place *wanted, size_t most)
{
	for (size_t i = 0; i < tally->used; i++)
		if (same(&tally->places[i], wanted))
			return &tally->places[i];
	if (tally->used >= most)
		return NULL;
	tally->places[tally->used] = *wanted;
	return &tally->places[tally->used++];
}

void tally_add(struct tally *tally, const struct tally_key *key, int64_t n)
{
	if (!tally || n <= 0)
		return;
	const struct place wanted = place_of(key);
	const struct place other = place_of(&(struct tally_key){
		.kind = key->kind, .outcome = key->outcome, .reason = TALLY_OTHER});
	pthread_mutex_lock(&tally->mutex);
	struct place *place = find(tally, &wanted, TALLY_PLACES - PLACES_OTHER);
	if (!place)
		place = find(tally, &other, TALLY_PLACES);
	if (place) {
		place->n += n;
		place->total += n;
	}
	pthread_mutex_unlock(&tally->mutex);
}

static const char *part_text(struct arena *arena, const struct place *place, enum part part)
{
	return place->has[part] ? arena_strdup(arena, place->text[part]) : NULL;
}

static struct tally_count read_place(struct arena *arena, const struct place *place)
{
	return (struct tally_count){
		{part_text(arena, place, KIND), part_text(arena, place, OUTCOME),
			part_text(arena, place, REASON), part_text(arena, place, CLIENT)},
		place->n, place->total};
}

struct tally_counts tally_take(struct tally *tally, struct arena *arena)
{
	struct tally_counts out = {NULL, 0};
	pthread_mutex_lock(&tally->mutex);
	out.items = ARENA_ARRAY(arena, struct tally_count, tally->used + 1);
	for (size_t i = 0; i < tally->used; i++) {
		if (tally->places[i].n == 0)
			continue;
		out.items[out.n++] = read_place(arena, &tally->places[i]);
		tally->places[i].n = 0;
	}
	pthread_mutex_unlock(&tally->mutex);
	return out;
}

struct tally_counts tally_look(struct tally *tally, struct arena *arena)
{
	struct tally_counts out = {NULL, 0};
	pthread_mutex_lock(&tally->mutex);
	out.items = ARENA_ARRAY(arena, struct tally_count, tally->used + 1);
	for (size_t i = 0; i < tally->used; i++)
		out.items[out.n++] = read_place(arena, &tally->places[i]);
	pthread_mutex_unlock(&tally->mutex);
	return out;
}
