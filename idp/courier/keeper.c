/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/courier/keeper.h"
#include "idp/base/clock.h"
#include "idp/base/log.h"
#include "idp/base/metrics.h"
#include "idp/io/db_listen.h"
#include "queries_courier.h"
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define CHANNEL "courier" /* of NOTIFY */
#define TICK_MS 1000
#define NOTICE_MS 60000
#define RETRY_MS 1000
#define FIGURES_EVERY 5 /* ticks */

struct waiting {
	int64_t n, oldest_s;
};

struct keeper {
	struct courier *courier;
	struct bell bell; /* rung at the stop only */
	pthread_t keeping, listening;
	bool is_keeping, is_listening;
	struct db *db, *notices;
	struct vault_call *vault;
	int wake; /* an eventfd: readable at the stop */
	bool away; /* as last logged */
	pthread_mutex_t mutex;
	struct waiting waiting[CHANNELS]; /* under mutex */
};

/* ---- what is done again and again */

static struct result refresh_keys(struct keeper *keeper, struct arena *arena)
{
	struct courier *const courier = keeper->courier;
	const bool known = courier_keys_known(courier->keys);
	(void)arena;
	if (!courier_keys_due(courier->keys, clock_monotonic_us()))
		return OK;
	TRY(courier_keys_refresh(courier->keys, keeper->vault));
	if (!known)
		courier_ring(courier);
	return OK;
}

static struct result sweep(struct keeper *keeper, struct arena *arena)
{
	struct q_courier_message_sweep_rows rows;
	TRY(q_courier_message_sweep(keeper->db, arena, &rows));
	for (size_t i = 0; i < rows.n; i++) {
		courier_count(keeper->courier, rows.items[i].channel, rows.items[i].state);
		log_warn("courier.left_behind", "channel", rows.items[i].channel, "purpose",
			rows.items[i].purpose, "state", rows.items[i].state);
	}
	return OK;
}

static struct result count_waiting(struct keeper *keeper, struct arena *arena)
{
	struct q_courier_message_figures_rows rows;
	struct waiting waiting[CHANNELS] = {0};
	TRY(q_courier_message_figures(keeper->db, arena, &rows));
	for (size_t i = 0; i < rows.n; i++)
		for (size_t j = 0; j < CHANNELS; j++)
			if (str_eq(keeper->courier->channels[j].kind->name, rows.items[i].channel))
				waiting[j] =
					(struct waiting){rows.items[i].n, rows.items[i].oldest_s};
	pthread_mutex_lock(&keeper->mutex);
	for (size_t j = 0; j < CHANNELS; j++)
		keeper->waiting[j] = waiting[j];
	pthread_mutex_unlock(&keeper->mutex);
	return OK;
}

/* Logged when it changes, not at every try. */
static void report(struct keeper *keeper, struct result done)
{
	const bool away = done.err != ERR_NONE;
	if (away != keeper->away)
		log_warn("courier.upkeep", "state", away ? "away" : "ok", "error",
			result_name(done.err), "where", done.where);
	keeper->away = away;
}

static struct result tick(struct keeper *keeper, struct arena *arena, unsigned n)
{
	TRY(refresh_keys(keeper, arena));
	TRY(sweep(keeper, arena));
	return n % FIGURES_EVERY == 0 ? count_waiting(keeper, arena) : OK;
}

static void *keep(void *arg)
{
	struct keeper *const keeper = arg;
	unsigned n = 0;
	do {
		struct arena *const arena = arena_new();
		report(keeper, tick(keeper, arena, n++));
		arena_free(arena);
	} while (bell_wait(&keeper->bell, TICK_MS));
	return NULL;
}

/* ---- what PostgreSQL notifies */

/* What was told while nobody listened is found by looking. */
static bool begin_listening(struct keeper *keeper)
{
	struct pollfd wake = {.fd = keeper->wake, .events = POLLIN};
	const bool listens = db_listen(keeper->notices, CHANNEL).err == ERR_NONE;
	if (listens)
		courier_ring(keeper->courier);
	else
		(void)poll(&wake, 1, RETRY_MS);
	return listens;
}

static bool follow(struct keeper *keeper, struct arena *arena)
{
	const struct db_notice_wait wait = {keeper->wake, NOTICE_MS};
	struct db_notice notice;
	if (db_notified(keeper->notices, arena, &wait, &notice).err != ERR_NONE)
		return false;
	if (notice.channel)
		courier_ring(keeper->courier);
	return true;
}

static void *listen_to(void *arg)
{
	struct keeper *const keeper = arg;
	bool listens = false;
	while (!atomic_load(&keeper->courier->stopping)) {
		struct arena *const arena = arena_new();
		listens = listens ? follow(keeper, arena) : begin_listening(keeper);
		arena_free(arena);
	}
	return NULL;
}

/* ---- begin and end */

struct result keeper_start(struct courier *courier, struct keeper **out)
{
	const struct settings *const settings = courier->settings;
	struct keeper *const keeper = *out = calloc(1, sizeof *keeper);
	if (!keeper)
		abort();
	*keeper = (struct keeper){.courier = courier, .wake = eventfd(0, EFD_CLOEXEC)};
	bell_init(&keeper->bell);
	pthread_mutex_init(&keeper->mutex, NULL);
	keeper->db = db_new_admitted(settings->courier_database, "pratu courier upkeep");
	keeper->notices = db_new_admitted(settings->courier_database, "pratu courier watch");
	keeper->vault = vault_call_new(settings->vault_socket_dir, "courier.sock");
	db_observe(keeper->db, courier->observe->database);
	vault_call_observe(keeper->vault, courier->observe->vault);
	keeper->is_keeping = pthread_create(&keeper->keeping, NULL, keep, keeper) == 0;
	keeper->is_listening = pthread_create(&keeper->listening, NULL, listen_to, keeper) == 0;
	if (keeper->wake < 0 || !keeper->is_keeping || !keeper->is_listening)
		FAIL(ERR_IO);
	return OK;
}

void keeper_stop(struct keeper *keeper)
{
	const uint64_t one = 1;
	if (!keeper)
		return;
	bell_stop(&keeper->bell);
	(void)!write(keeper->wake, &one, sizeof one);
	if (keeper->is_keeping)
		pthread_join(keeper->keeping, NULL);
	if (keeper->is_listening)
		pthread_join(keeper->listening, NULL);
	vault_call_free(keeper->vault);
	db_free(keeper->db);
	db_free(keeper->notices);
	if (keeper->wake >= 0)
		close(keeper->wake);
	pthread_mutex_destroy(&keeper->mutex);
	bell_destroy(&keeper->bell);
	free(keeper);
}

void keeper_write(struct keeper *keeper, struct buf *out)
{
	static const char waiting[] = "pratu_courier_waiting_messages";
	static const char oldest[] = "pratu_courier_oldest_waiting_seconds";
	struct waiting now[CHANNELS];
	pthread_mutex_lock(&keeper->mutex);
	for (size_t i = 0; i < CHANNELS; i++)
		now[i] = keeper->waiting[i];
	pthread_mutex_unlock(&keeper->mutex);
	metrics_family(out, waiting, METRICS_GAUGE, "Messages that are still to be handed over.");
	for (size_t i = 0; i < CHANNELS; i++)
		metrics_int(out,
			&(struct metrics_sample){
				waiting, {{"channel", keeper->courier->channels[i].kind->name}}},
			now[i].n);
	metrics_family(
		out, oldest, METRICS_GAUGE, "How old the oldest of them is; 0: there is none.");
	for (size_t i = 0; i < CHANNELS; i++)
		metrics_int(out,
			&(struct metrics_sample){
				oldest, {{"channel", keeper->courier->channels[i].kind->name}}},
			now[i].oldest_s);
}
