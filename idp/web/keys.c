/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/keys.h"
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

/* One answer of the vault; never changed, released by its last reader. */
struct key_set {
	atomic_int readers;
	int64_t fetched_us; /* monotonic */
	struct jose_key **items;
	size_t n;
	char *document;
};

struct web_keys {
	pthread_mutex_t lock; /* guards set and asked_us */
	pthread_mutex_t refreshing; /* one asks, the others wait for its answer */
	struct key_set *set; /* NULL: none yet */
	int64_t asked_us; /* monotonic: when the vault was last asked to the end */
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

static struct key_set *set_take(struct web_keys *keys)
{
	pthread_mutex_lock(&keys->lock);
	struct key_set *set = keys->set;
	if (set)
		atomic_fetch_add(&set->readers, 1);
	pthread_mutex_unlock(&keys->lock);
	return set;
}

static void set_swap(struct web_keys *keys, struct key_set *set)
{
	pthread_mutex_lock(&keys->lock);
	struct key_set *old = keys->set;
	keys->set = set;
	pthread_mutex_unlock(&keys->lock);
	set_release(old);
}

static int64_t set_age_us(struct web_keys *keys)
{
	pthread_mutex_lock(&keys->lock);
	int64_t age = keys->set ? clock_monotonic_us() - keys->set->fetched_us : INT64_MAX;
	pthread_mutex_unlock(&keys->lock);
	return age;
}

struct web_keys *web_keys_new(void)
{
	struct web_keys *keys = calloc(1, sizeof(*keys));
	if (!keys)
		abort();
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
	free(keys);
}

static struct result set_from_array(json_t *array, struct key_set **out)
{
	size_t n = json_array_size(array);
	AUTO_JSON json_t *document = json_object();
	json_object_set(document, "keys", array);
	struct key_set *set = calloc(1, sizeof(*set));
	if (!set)
		abort();
	atomic_init(&set->readers, 1);
	set->fetched_us = clock_monotonic_us();
	set->items = calloc(n ? n : 1, sizeof(*set->items));
	set->document = json_dumps(document, JSON_COMPACT);
	bool good = n > 0 && set->items && set->document;
	for (size_t i = 0; good && i < n; i++) {
		good = jose_key_from_jwk(json_array_get(array, i), &set->items[i]).err == ERR_NONE;
		set->n += good;
	}
	if (!good) {
		set_release(set);
		FAIL(ERR_VAULT);
	}
	*out = set;
	return OK;
}

static struct result ask(struct context *ctx)
{
	AUTO_JSON json_t *array = NULL;
	struct key_set *set = NULL;
	TRY(vault_jwks(ctx->vault, &array));
	TRY(set_from_array(array, &set));
	set_swap(web_of(ctx)->keys, set);
	return OK;
}

static struct result fetch(struct context *ctx)
{
	struct web_keys *keys = web_of(ctx)->keys;
	struct result result = ask(ctx);
	pthread_mutex_lock(&keys->lock);
	keys->asked_us = clock_monotonic_us();
	pthread_mutex_unlock(&keys->lock);
	return result;
}

/* Older than limit_us, and not asked for in vain a moment ago. */
static bool is_due(struct web_keys *keys, int64_t limit_us)
{
	pthread_mutex_lock(&keys->lock);
	int64_t now_us = clock_monotonic_us();
	bool due = (!keys->set || now_us - keys->set->fetched_us >= limit_us) &&
		   now_us - keys->asked_us >= FORCED_US;
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
	struct key_set *set = set_take(keys);
	if (!set)
		return JOSE_KEY_UNKNOWN;
	struct jose_keys all = {set->items, set->n};
	struct jose_verify in = {compact, &all, ALLOWED};
	enum jose_verdict verdict = jose_verify(&in, header, claims);
	set_release(set);
	return verdict;
}

/* RFC 7515 s4.1.9: letters of either case, "application/" may stand before it. */
static bool typ_fits(const json_t *header, const char *typ)
{
	const char *came = json_str(header, "typ");
	if (!came)
		return typ == NULL && !json_object_get(header, "typ");
	if (strncasecmp(came, "application/", 12) == 0)
		came += 12;
	return strcasecmp(came, typ ? typ : "JWT") == 0;
}

struct result web_keys_verify(struct context *ctx, const char *compact, const char *typ,
	enum jose_verdict *verdict, json_t **claims)
{
	AUTO_JSON json_t *header = NULL;
	json_t *found = NULL;
	TRY(web_keys_refresh(ctx, false));
	enum jose_verdict said = verify(web_of(ctx)->keys, compact, &header, &found);
	if (said == JOSE_KEY_UNKNOWN) {
		TRY(web_keys_refresh(ctx, true));
		said = verify(web_of(ctx)->keys, compact, &header, &found);
	}
	if (said == JOSE_GOOD && !typ_fits(header, typ)) {
		json_decref(found);
		said = JOSE_MALFORMED;
	}
	*verdict = said;
	if (said == JOSE_GOOD)
		*claims = found;
	return OK;
}

struct result web_keys_document(struct context *ctx, const char **json)
{
	struct key_set *set = set_take(web_of(ctx)->keys);
	bool usable = set && clock_monotonic_us() - set->fetched_us < USABLE_US;
	if (usable)
		*json = arena_strdup(ctx->arena, set->document);
	set_release(set);
	if (!usable)
		FAIL(ERR_VAULT);
	return OK;
}
