/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/upkeep.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/web/routes.h"
#include "idp/web/web.h"
#include "queries_web.h"
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define TICK_S 1
#define KEYS_EVERY_S 30
#define HOUSEKEEP_EVERY_S 3600
#define HOUSEKEEP_RETRY_S 60

struct upkeep {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stopping; /* under lock */
	struct web web;
	struct context ctx; /* without a request; its role is web */
	bool keys_good, database_good; /* as last told to the log */
	int64_t keys_at_us, housekeep_at_us; /* monotonic: when due */
};

static int64_t after_s(int64_t seconds)
{
	return clock_monotonic_us() + seconds * 1000000;
}

/* Say it once when it changes, not at every try. */
static void tell(bool *good, struct result result, const char *what)
{
	bool now_good = result.err == ERR_NONE;
	if (now_good != *good) {
		if (now_good)
			log_info("web.upkeep", "part", what, "state", "ok");
		else
			log_warn(
				"web.upkeep", "part", what, "state", "away", "where", result.where);
	}
	*good = now_good;
}

static void refresh_keys(struct upkeep *upkeep)
{
	struct result result = web_keys_refresh(&upkeep->ctx, true);
	tell(&upkeep->keys_good, result, "vault");
	upkeep->keys_at_us = after_s(result.err == ERR_NONE ? KEYS_EVERY_S : TICK_S);
}

static void log_done(const struct rows *rows)
{
	for (int i = 0; i < rows_n(rows); i++)
		log_info("web.housekeep", "did", rows_text(rows, i, "did"), "partition",
			rows_text(rows, i, "partition"));
}

static void housekeep(struct upkeep *upkeep)
{
	AUTO_ROWS struct rows *rows = NULL;
	struct result result = db_query(upkeep->ctx.db, &q_web_housekeep, NULL, &rows);
	tell(&upkeep->database_good, result, "database");
	if (result.err == ERR_NONE)
		log_done(rows);
	upkeep->housekeep_at_us =
		after_s(result.err == ERR_NONE ? HOUSEKEEP_EVERY_S : HOUSEKEEP_RETRY_S);
}

/* Wait for the next tick; false when it is time to stop. */
static bool next_tick(struct upkeep *upkeep)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += TICK_S;
	pthread_mutex_lock(&upkeep->lock);
	if (!upkeep->stopping)
		pthread_cond_timedwait(&upkeep->wake, &upkeep->lock, &until);
	bool go_on = !upkeep->stopping;
	pthread_mutex_unlock(&upkeep->lock);
	return go_on;
}

static void *run(void *arg)
{
	struct upkeep *upkeep = arg;
	do {
		upkeep->ctx.arena = arena_new();
		upkeep->ctx.now_s = clock_now_s(&upkeep->ctx.clock);
		if (clock_monotonic_us() >= upkeep->keys_at_us)
			refresh_keys(upkeep);
		if (clock_monotonic_us() >= upkeep->housekeep_at_us)
			housekeep(upkeep);
		arena_free(upkeep->ctx.arena);
	} while (next_tick(upkeep));
	return NULL;
}

static void release(struct upkeep *upkeep)
{
	db_free(upkeep->ctx.db);
	vault_call_free(upkeep->ctx.vault);
	pthread_cond_destroy(&upkeep->wake);
	pthread_mutex_destroy(&upkeep->lock);
	free(upkeep);
}

struct result upkeep_start(
	const struct settings *settings, struct web_keys *keys, struct upkeep **out)
{
	pthread_condattr_t attr;
	struct upkeep *upkeep = calloc(1, sizeof(*upkeep));
	if (!upkeep)
		FAIL(ERR_IO);
	pthread_mutex_init(&upkeep->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&upkeep->wake, &attr);
	pthread_condattr_destroy(&attr);
	upkeep->keys_good = upkeep->database_good = true;
	upkeep->web.keys = keys;
	upkeep->ctx = (struct context){
		.settings = settings,
		.clock = clock_system(),
		.rng = rng_system(),
		.db = db_new(settings->web_database, "pratu web upkeep"),
		.vault = vault_call_new(settings->vault_socket_dir, "web.sock"),
		.site = &web_site,
		.role = &upkeep->web,
	};
	if (pthread_create(&upkeep->thread, NULL, run, upkeep) != 0) {
		release(upkeep);
		FAIL(ERR_IO);
	}
	*out = upkeep;
	return OK;
}

void upkeep_stop(struct upkeep *upkeep)
{
	if (!upkeep)
		return;
	pthread_mutex_lock(&upkeep->lock);
	upkeep->stopping = true;
	pthread_cond_signal(&upkeep->wake);
	pthread_mutex_unlock(&upkeep->lock);
	pthread_join(upkeep->thread, NULL);
	release(upkeep);
}
