/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/keys.h"
#include "vault_table.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define S_US INT64_C(1000000)
#define FRESH_US (30 * S_US)
#define FORCED_US (1 * S_US)
#define USABLE_US (600 * S_US)
#define WAIT_NS INT64_C(250000000) /* for the answer that another worker is waiting for */
#define ALLOWED (1u << JOSE_ES256 | 1u << JOSE_RS256 | 1u << JOSE_PS256)

#define ASKED_MOST 4 /* times in a row: keys do not change that fast */

/* One answer of the vault; never changed, released by its last reader. */
struct key_set {
	atomic_int readers;
	struct jose_key **items;
	size_t n;
	char *document;
};

struct web_keys {
	const char *process_id; /* a UUID, in arena */
	struct arena *arena;
	int64_t served_us;
	pthread_mutex_t lock; /* guards what follows refreshing */
	pthread_mutex_t refreshing; /* one asks, the others wait for its answer */
	struct key_set *set; /* NULL: none yet */
	int64_t asked_us; /* monotonic: when the vault was last asked to the end */
	int64_t fetched_us; /* monotonic: the vault has answered with this set to who asked then */
	bool outdated;
};

static void set_release(struct key_set *set)
{
	if (!set || atomic_fetch_sub(&set->readers, 1) > 1)
		return;
	for (size_t i = 0; i < set->n; i++)
		jose_key_free(set->items[i]);
	free(set->items);
	free(set->document);
	free(set);
}

/* NULL: none that the vault has confirmed in the last limit_us. */
static struct key_set *set_take(struct web_keys *keys, int64_t limit_us)
{
	pthread_mutex_lock(&keys->lock);
	const bool good = clock_monotonic_us() - keys->fetched_us < limit_us;
	struct key_set *set = good ? keys->set : NULL;
	if (set)
		atomic_fetch_add(&set->readers, 1);
	pthread_mutex_unlock(&keys->lock);
	return set;
}

/* Publish what the vault answered to a question asked at fetched_us; set NULL: the same as before.
 */
static void set_swap(struct web_keys *keys, struct key_set *set, int64_t fetched_us)
{
	pthread_mutex_lock(&keys->lock);
	struct key_set *old = set ? keys->set : NULL;
	if (set)
		keys->set = set;
	keys->fetched_us = fetched_us;
	pthread_mutex_unlock(&keys->lock);
	set_release(old);
}

static int64_t set_age_us(struct web_keys *keys)
{
	pthread_mutex_lock(&keys->lock);
	const int64_t age = keys->set ? clock_monotonic_us() - keys->fetched_us : INT64_MAX;
	pthread_mutex_unlock(&keys->lock);
	return age;
}

struct web_keys *web_keys_new(int64_t served_s)
{
	const struct rng rng = rng_system();
	struct web_keys *keys = calloc(1, sizeof *keys);
	if (!keys)
		abort();
	keys->arena = arena_new();
	keys->process_id = rng_uuid(&rng, keys->arena);
	keys->served_us = served_s * S_US;
	keys->asked_us = -FORCED_US;
	pthread_mutex_init(&keys->lock, NULL);
	pthread_mutex_init(&keys->refreshing, NULL);
	return keys;
}

void web_keys_free(struct web_keys *keys)
{
	if (!keys)
		return;
	set_release(keys->set);
	pthread_mutex_destroy(&keys->lock);
	pthread_mutex_destroy(&keys->refreshing);
	arena_free(keys->arena);
	free(keys);
}

void web_keys_outdate(struct web_keys *keys)
{
	pthread_mutex_lock(&keys->lock);
	keys->outdated = true;
	pthread_mutex_unlock(&keys->lock);
}

static bool fill(struct key_set *set, json_t *array)
{
	const size_t n = json_array_size(array);
	set->items = calloc(n + 1, sizeof *set->items);
	bool good = n > 0 && set->items && set->document;
	for (size_t i = 0; good && i < n; i++) {
		good = jose_key_from_jwk(json_array_get(array, i), &set->items[i]).err == ERR_NONE;
		set->n += good;
	}
	return good;
}

static struct result set_parse(const char *jwks, struct key_set **out)
{
	AUTO_JSON json_t *value = NULL;
	TRY(json_parse(jwks, strlen(jwks), &value, NULL));
	struct key_set *set = calloc(1, sizeof *set);
	if (!set)
		abort();
	atomic_init(&set->readers, 1);
	set->document = strdup(jwks);
	if (!fill(set, json_object_get(value, "keys"))) {
		set_release(set);
		FAIL(ERR_VAULT);
	}
	*out = set;
	return OK;
}

/* What is published now: its kids, and the document to compare with. */
static struct str_list published(struct arena *arena, const struct key_set *set)
{
	struct str_list kids = {NULL, 0};
	if (!set)
		return kids;
	kids.items = ARENA_ARRAY(arena, const char *, set->n);
	for (size_t i = 0; i < set->n; i++)
		kids.items[kids.n++] = jose_key_kid(set->items[i]);
	return kids;
}

/* *changed: the vault's answer differs from what was published to it. */
static struct result ask_with(
	struct context *ctx, const struct key_set *present, struct arena *arena, bool *changed)
{
	struct web_keys *keys = web_of(ctx)->keys;
	const int64_t began_us = clock_monotonic_us();
	const struct vault_jwks_in in = {
		.process_id = keys->process_id, .kids = published(arena, present)};
	struct vault_jwks_out out;
	struct key_set *set = NULL;
	TRY(vault_call_jwks(ctx->vault, arena, &in, &out));
	if (out.outcome != VAULT_OK)
		FAIL(ERR_VAULT);
	*changed = !present || strcmp(present->document, out.jwks) != 0;
	if (*changed)
		TRY(set_parse(out.jwks, &set));
	set_swap(keys, set, began_us);
	return OK;
}

static struct result ask(struct context *ctx, bool *changed)
{
	struct key_set *present = set_take(web_of(ctx)->keys, INT64_MAX);
	struct arena *arena = arena_new();
	const struct result result = ask_with(ctx, present, arena, changed);
	arena_free(arena);
	set_release(present);
	return result;
}

static struct result fetch(struct context *ctx)
{
	struct web_keys *keys = web_of(ctx)->keys;
	struct result result = OK;
	bool changed = true;
	pthread_mutex_lock(&keys->lock);
	keys->outdated = false;
	pthread_mutex_unlock(&keys->lock);
	for (int i = 0; i < ASKED_MOST && changed && result.err == ERR_NONE; i++)
		result = ask(ctx, &changed);
	pthread_mutex_lock(&keys->lock);
	keys->asked_us = clock_monotonic_us();
	keys->outdated = keys->outdated || result.err != ERR_NONE || changed;
	pthread_mutex_unlock(&keys->lock);
	return result;
}

struct result web_keys_leave(struct context *ctx)
{
	const struct vault_jwks_in in = {
		.process_id = web_of(ctx)->keys->process_id, .leaving = true};
	struct vault_jwks_out out;
	TRY(vault_call_jwks(ctx->vault, ctx->arena, &in, &out));
	return out.outcome == VAULT_OK ? OK : FAILED(ERR_VAULT);
}

/* Older than limit_us or outdated, and not asked for in vain a moment ago. */
static bool is_due(struct web_keys *keys, int64_t limit_us)
{
	pthread_mutex_lock(&keys->lock);
	const int64_t now_us = clock_monotonic_us();
	const bool old = !keys->set || keys->outdated || now_us - keys->fetched_us >= limit_us;
	const bool due = old && now_us - keys->asked_us >= FORCED_US;
	pthread_mutex_unlock(&keys->lock);
	return due;
}

/* A vault that hangs holds one worker at a time, not all of them one behind the other. */
static bool my_turn(struct web_keys *keys)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	int64_t ns = until.tv_nsec + WAIT_NS;
	until.tv_sec += ns / 1000000000;
	until.tv_nsec = ns % 1000000000;
	return pthread_mutex_timedlock(&keys->refreshing, &until) == 0;
}

struct result web_keys_refresh(struct context *ctx, bool force)
{
	struct web_keys *keys = web_of(ctx)->keys;
	int64_t limit_us = force ? FORCED_US : FRESH_US;
	struct result result = OK;
	if (is_due(keys, limit_us) && my_turn(keys)) {
		if (is_due(keys, limit_us))
			result = fetch(ctx);
		pthread_mutex_unlock(&keys->refreshing);
	}
	if (set_age_us(keys) < USABLE_US)
		return OK;
	return result.err != ERR_NONE ? result : FAILED(ERR_VAULT);
}

static enum jose_verdict verify(
	struct web_keys *keys, const char *compact, json_t **header, json_t **claims)
{
	struct key_set *set = set_take(keys, INT64_MAX);
	if (!set)
		return JOSE_KEY_UNKNOWN;
	struct jose_keys all = {set->items, set->n};
	struct jose_verify in = {compact, &all, ALLOWED};
	enum jose_verdict verdict = jose_verify(&in, header, claims);
	set_release(set);
	return verdict;
}

/* RFC 7515 s4.1.9: letters of either case, "application/" may precede it. */
static bool typ_fits(const json_t *header, const char *typ)
{
	const char *given = json_str(header, "typ");
	if (!given)
		return !typ && !json_object_get(header, "typ");
	if (strncasecmp(given, "application/", 12) == 0)
		given += 12;
	return strcasecmp(given, typ ? typ : "JWT") == 0;
}

struct result web_keys_verify(struct context *ctx, const char *compact, const char *typ,
	enum jose_verdict *verdict, json_t **claims)
{
	AUTO_JSON json_t *header = NULL;
	json_t *found = NULL;
	TRY(web_keys_refresh(ctx, false));
	enum jose_verdict checked = verify(web_of(ctx)->keys, compact, &header, &found);
	if (checked == JOSE_KEY_UNKNOWN) {
		TRY(web_keys_refresh(ctx, true));
		checked = verify(web_of(ctx)->keys, compact, &header, &found);
	}
	if (checked == JOSE_GOOD && !typ_fits(header, typ)) {
		json_decref(found);
		checked = JOSE_MALFORMED;
	}
	*verdict = checked;
	if (checked == JOSE_GOOD)
		*claims = found;
	return OK;
}

bool web_keys_known(struct web_keys *keys)
{
	struct key_set *const set = set_take(keys, keys->served_us);
	set_release(set);
	return set != NULL;
}

struct result web_keys_document(struct context *ctx, const char **json)
{
	struct web_keys *keys = web_of(ctx)->keys;
	struct key_set *set = set_take(keys, keys->served_us);
	if (!set)
		FAIL(ERR_VAULT);
	*json = arena_strdup(ctx->arena, set->document);
	set_release(set);
	return OK;
}
