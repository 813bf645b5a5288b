/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/upkeep.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/base/tally.h"
#include "idp/web/figures.h"
#include "idp/web/health.h"
#include "idp/web/keys.h"
#include "idp/web/routes.h"
#include "idp/web/seal_keys.h"
#include "idp/web/web.h"
#include "queries_web.h"
#include "vault_table.h"
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define BATCHES 100 /* of housekeeping in one go */

/* One thing that is done again and again. A new one is a row of chores. */
struct chore {
	const char *name; /* for the log */
	enum upkeep_part part;
	int64_t every_ms; /* 0: only at the end */
	int64_t retry_ms; /* after a failure */
	bool at_the_end; /* also once when the role stops */
	struct result (*work)(struct context *ctx);
};

static struct result refresh_keys(struct context *ctx)
{
	return web_keys_refresh(ctx, false);
}

/* Once. *more: a table has more rows to delete. */
static struct result housekeep_once(struct context *ctx, bool *more)
{
	struct q_web_housekeep_rows rows;
	TRY(q_web_housekeep(ctx->db, ctx->arena, &rows));
	*more = false;
	for (size_t i = 0; i < rows.n; i++) {
		*more = *more || str_eq(rows.items[i].did, "more");
		log_info("web.maintenance", "did", rows.items[i].did, "partition",
			rows.items[i].partition);
	}
	return OK;
}

static struct result housekeep(struct context *ctx)
{
	bool more = true;
	for (size_t i = 0; more && i < BATCHES; i++)
		TRY(housekeep_once(ctx, &more));
	return OK;
}

/* One at a time, and none that takes longer than a statement may: `pratu records index` builds
 * those. */
static struct result index_record(struct context *ctx)
{
	struct q_web_record_index_row row;
	TRY(q_web_record_index(ctx->db, ctx->arena, &row));
	if (row.built)
		log_info("web.record_index", "built", row.built);
	return OK;
}

/* What could not be written is counted again. */
static struct result write_tally(struct context *ctx)
{
	struct tally *tally = web_of(ctx)->tally;
	const struct tally_counts counts = tally_take(tally, ctx->arena);
	struct result result = OK;
	for (size_t i = 0; i < counts.n; i++) {
		const struct tally_count *count = &counts.items[i];
		const struct q_web_tally_insert_in in = {.kind = count->key.kind,
			.outcome = count->key.outcome,
			.reason = count->key.reason,
			.client_id = count->key.client_id,
			.n = count->n};
		if (result.err == ERR_NONE)
			result = q_web_tally_insert(ctx->db, ctx->arena, &in, NULL);
		if (result.err != ERR_NONE)
			tally_add(tally, &count->key, count->n);
	}
	return result;
}

static struct result look_vault(struct context *ctx)
{
	const int64_t asked_us = clock_monotonic_us();
	struct vault_status_out reply;
	struct result result = vault_call_status(ctx->vault, ctx->arena, &reply);
	if (result.err == ERR_NONE && (reply.outcome != VAULT_OK || !reply.ready))
		result = FAILED(ERR_VAULT);
	health_note(web_of(ctx)->health, HEALTH_VAULT, asked_us, result);
	return result;
}

static struct result look_database(struct context *ctx)
{
	const int64_t asked_us = clock_monotonic_us();
	const struct result result = db_ping(ctx->db);
	health_note(web_of(ctx)->health, HEALTH_DATABASE, asked_us, result);
	return result;
}

/* What asks the vault and what may keep the database busy for minutes never wait for each other:
 * /jwks is answered for two minutes only without news of the vault. Nor does anything else delay
 * the two that find out whether they are well. */
static const struct chore chores[] = {
	{"vault", UPKEEP_VAULT_HEALTH, HEALTH_EVERY_MS, HEALTH_EVERY_MS, false, look_vault},
	{"database", UPKEEP_DATABASE_HEALTH, HEALTH_EVERY_MS, HEALTH_EVERY_MS, false,
		look_database},
	{"keys", UPKEEP_VAULT, 1000, 1000, false, refresh_keys}, /* asks when it must: keys.h */
	{"seal keys", UPKEEP_VAULT, SEAL_EPOCH_S * 1000 / 8, 1000, false, seal_keys_refresh},
	{"publisher", UPKEEP_VAULT, 0, 0, true, web_keys_leave},
	{"housekeeping", UPKEEP_DATABASE, 3600000, 60000, false, housekeep},
	{"record_index", UPKEEP_DATABASE, 600000, 600000, false, index_record},
	{"partitions", UPKEEP_DATABASE, 60000, 5000, false, figures_refresh},
	{"tally", UPKEEP_DATABASE, 60000, 5000, true, write_tally},
};
#define CHORES (sizeof chores / sizeof *chores)

struct upkeep {
	enum upkeep_part part;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stopping; /* under lock */
	struct web web;
	struct context ctx; /* without a request; its role is web */
	bool bad[CHORES]; /* as last logged */
	int64_t due_us[CHORES]; /* monotonic */
};

/* Logged when it changes, not at every try. */
static void report(struct upkeep *upkeep, size_t i, struct result result)
{
	const bool bad = result.err != ERR_NONE;
	if (bad != upkeep->bad[i] && bad)
		log_warn("web.upkeep", "part", chores[i].name, "state", "away", "where",
			result.where);
	else if (bad != upkeep->bad[i])
		log_info("web.upkeep", "part", chores[i].name, "state", "ok");
	upkeep->bad[i] = bad;
}

static void run_chore(struct upkeep *upkeep, size_t i)
{
	const struct result result = chores[i].work(&upkeep->ctx);
	const int64_t after_ms = result.err == ERR_NONE ? chores[i].every_ms : chores[i].retry_ms;
	report(upkeep, i, result);
	upkeep->due_us[i] = clock_monotonic_us() + after_ms * 1000;
}

static bool is_due(const struct upkeep *upkeep, size_t i)
{
	return chores[i].every_ms > 0 && clock_monotonic_us() >= upkeep->due_us[i];
}

static void run_due(struct upkeep *upkeep, bool at_the_end)
{
	upkeep->ctx.arena = arena_new();
	upkeep->ctx.now_ms = clock_now_ms(&upkeep->ctx.clock);
	upkeep->ctx.now_s = upkeep->ctx.now_ms / 1000;
	for (size_t i = 0; i < CHORES; i++)
		if (chores[i].part == upkeep->part &&
			(at_the_end ? chores[i].at_the_end : is_due(upkeep, i)))
			run_chore(upkeep, i);
	arena_free(upkeep->ctx.arena);
}

/* When the next chore of this thread is due. Each thread has one that is done by time. */
static int64_t next_due_us(const struct upkeep *upkeep)
{
	int64_t next_us = INT64_MAX;
	for (size_t i = 0; i < CHORES; i++)
		if (chores[i].part == upkeep->part && chores[i].every_ms > 0 &&
			upkeep->due_us[i] < next_us)
			next_us = upkeep->due_us[i];
	return next_us;
}

/* Wait until a chore is due; false when it is time to stop. */
static bool next_due(struct upkeep *upkeep)
{
	const int64_t due_us = next_due_us(upkeep);
	const struct timespec until = {
		.tv_sec = due_us / 1000000, .tv_nsec = due_us % 1000000 * 1000};
	int rc = 0;
	pthread_mutex_lock(&upkeep->lock);
	while (!upkeep->stopping && rc == 0)
		rc = pthread_cond_timedwait(&upkeep->wake, &upkeep->lock, &until);
	bool go_on = !upkeep->stopping;
	pthread_mutex_unlock(&upkeep->lock);
	return go_on;
}

static void *run(void *arg)
{
	struct upkeep *upkeep = arg;
	do
		run_due(upkeep, false);
	while (next_due(upkeep));
	run_due(upkeep, true);
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
	const struct upkeep_setup *setup, enum upkeep_part part, struct upkeep **out)
{
	const struct settings *settings = setup->settings;
	const struct observe *observe = setup->observe;
	const struct web *web = setup->web;
	pthread_condattr_t attr;
	struct upkeep *upkeep = calloc(1, sizeof(*upkeep));
	if (!upkeep)
		FAIL(ERR_IO);
	pthread_mutex_init(&upkeep->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&upkeep->wake, &attr);
	pthread_condattr_destroy(&attr);
	upkeep->part = part;
	upkeep->web = *web;
	upkeep->ctx = (struct context){
		.settings = settings,
		.clock = clock_system(),
		.rng = rng_system(),
		.db = db_new_admitted(settings->web_database, "pratu web upkeep"),
		.vault = vault_call_new(settings->vault_socket_dir, "web.sock"),
		.site = &web_site,
		.role = &upkeep->web,
	};
	db_observe(upkeep->ctx.db, observe->database);
	vault_call_observe(upkeep->ctx.vault, observe->vault);
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
