/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/vault_main.h"
#include "idp/base/heap.h"
#include "idp/base/json.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/io/process.h"
#include "idp/io/reload.h"
#include "idp/vault/event.h"
#include "idp/vault/op_metrics.h"
#include "idp/vault/server.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DATABASE_CONNECTIONS 8 /* besides one for each hashing thread */
#define HASHES_WAITING 64 /* callers for each hashing thread */
#define BEHIND_PART 4 /* of the slow workers one in so many may wait behind its own login name */
#define KEYS_EVERY_S 3
#define TALLY_EVERY_S 60
#define GRACE_S 8 /* as long as an operation can take */
#define STOP_MOST_S 9
#define READY_LOOK_MS 100
#define DESCRIPTORS_SPARE 64

/* The thread that keeps the keys fresh. */
struct keeper {
	struct vault *vault;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t stop_asked;
	bool stopping;
};

static bool rest(struct keeper *keeper)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += KEYS_EVERY_S;
	pthread_mutex_lock(&keeper->mutex);
	int rc = 0;
	while (!keeper->stopping && rc == 0)
		rc = pthread_cond_timedwait(&keeper->stop_asked, &keeper->mutex, &until);
	const bool go_on = !keeper->stopping;
	pthread_mutex_unlock(&keeper->mutex);
	return go_on;
}

static void report(const char *event, struct result done)
{
	if (done.err != ERR_NONE)
		log_warn(event, "error", result_name(done.err), "where", done.where);
}

static void *keep(void *arg)
{
	struct keeper *const keeper = arg;
	struct vault *const vault = keeper->vault;
	int64_t written_us = clock_monotonic_us();
	do {
		report("vault.keys", keyring_refresh(vault->keyring, clock_now_s(&vault->clock)));
		if (clock_monotonic_us() - written_us < TALLY_EVERY_S * INT64_C(1000000))
			continue;
		written_us = clock_monotonic_us();
		report("vault.tally", event_tally_write(vault));
	} while (rest(keeper));
	return NULL;
}

static struct result keeper_start(struct keeper *keeper, struct vault *vault)
{
	pthread_condattr_t attr;
	keeper->vault = vault;
	pthread_mutex_init(&keeper->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&keeper->stop_asked, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&keeper->thread, NULL, keep, keeper) != 0)
		FAIL(ERR_IO);
	return OK;
}

static void keeper_stop(struct keeper *keeper)
{
	pthread_mutex_lock(&keeper->mutex);
	keeper->stopping = true;
	pthread_cond_signal(&keeper->stop_asked);
	pthread_mutex_unlock(&keeper->mutex);
	pthread_join(keeper->thread, NULL);
	pthread_cond_destroy(&keeper->stop_asked);
	pthread_mutex_destroy(&keeper->mutex);
}

/* The hash of a password that nobody has, at the cost that everybody's has. */
static struct result make_dummy(struct vault *vault)
{
	struct password_peppered nobody;
	rng_bytes(&vault->rng, nobody.bytes, sizeof nobody.bytes);
	TRY(password_init());
	const struct result enough =
		password_memory(&vault->cost, (size_t)vault->settings->hash_threads);
	if (enough.err != ERR_NONE) {
		log_error("vault.memory", "error",
			"expected memory for hash_threads times password_memory_kib: lower one of "
			"them, or give the vault more");
		return enough;
	}
	return password_hash(&nobody, &vault->cost, vault->dummy_hash);
}

static struct result vault_fill(
	struct vault *vault, const struct settings *settings, const struct secrets *secrets)
{
	const size_t threads = (size_t)settings->hash_threads;
	*vault = (struct vault){.settings = settings,
		.clock = clock_system(),
		.rng = rng_system(),
		.secrets = secrets,
		.factors = &factor_table,
		.cost = {settings->password_memory_kib, settings->password_passes}};
	vault->started_at_s = clock_now_s(&vault->clock);
	TRY(make_dummy(vault));
	TRY(blocklist_load(settings->password_blocklist, &vault->blocklist));
	vault->pool =
		pool_new(settings->vault_database, "pratu vault", DATABASE_CONNECTIONS + threads);
	op_metrics_begin(vault);
	vault->tally = tally_new();
	vault->subs = subs_new();
	const struct keyring_home home = {
		vault->pool, secrets, vault->rng, keyring_keep_s(settings)};
	vault->keyring = keyring_new(&home);
	vault->hasher = hasher_new(
		threads, threads * HASHES_WAITING, (size_t)settings->slow_workers / BEHIND_PART);
	if (!vault->hasher)
		FAIL(ERR_IO);
	return OK;
}

static void vault_clear(struct vault *vault)
{
	hasher_free(vault->hasher);
	keyring_free(vault->keyring);
	subs_free(vault->subs);
	tally_free(vault->tally);
	pool_free(vault->pool);
	op_metrics_end(vault);
	blocklist_free(vault->blocklist);
}

static void wait_for_end(struct vault *vault, struct reload *reload, int signals)
{
	bool ready = false;
	unsigned events;
	while (!((events = process_wait(signals, ready ? -1 : READY_LOOK_MS)) & PROCESS_STOP)) {
		if (events & PROCESS_RELOAD) {
			reload_read(reload, NULL, NULL);
			atomic_store(&vault->settings, reload_settings(reload));
		}
		if (ready || !keyring_ready(vault->keyring, clock_now_s(&vault->clock)))
			continue;
		ready = true;
		process_ready();
		log_info("vault.ready", "version", PRATU_VERSION);
	}
	process_stopping(STOP_MOST_S);
}

/* What is in flight after the grace still uses all that would be released: then the kernel does. */
static void stop_server(struct server *server)
{
	if (server_stop(server, GRACE_S))
		return;
	log_warn("vault.end", "error", "an operation was still in flight");
	log_flush();
	_exit(1);
}

/* With the keys first: who asked during a restart waits for its answer, and shall not be refused
 * for the lack of them. */
static struct result run(
	struct vault *vault, struct reload *reload, struct server *server, int signals)
{
	struct keeper keeper = {0};
	report("vault.keys", keyring_refresh(vault->keyring, clock_now_s(&vault->clock)));
	TRY(keeper_start(&keeper, vault));
	const struct result started = server_start(server, vault);
	if (started.err == ERR_NONE)
		wait_for_end(vault, reload, signals);
	stop_server(server);
	keeper_stop(&keeper);
	report("vault.tally", event_tally_write(vault));
	return started;
}

static struct result fill_and_run(const struct settings *settings, const struct secrets *secrets,
	struct server *server, int signals)
{
	struct vault vault = {0};
	struct reload *reload = reload_new(settings);
	struct result done = vault_fill(&vault, settings, secrets);
	(void)process_files(SERVER_CONNECTIONS + DESCRIPTORS_SPARE);
	if (done.err == ERR_NONE)
		done = run(&vault, reload, server, signals);
	else
		stop_server(server);
	vault_clear(&vault);
	reload_free(reload);
	return done;
}

/* As root where it was started so: the key file and the sockets' owners ask for it. */
static struct result start(const struct settings *settings, struct secrets **secrets)
{
	int signals = -1;
	struct server *server = NULL;
	TRY(process_harden());
	json_memory(heap_wipe_free); /* JSON here holds passwords, private keys and tokens */
	TRY(secrets_load(settings->key_file, secrets));
	TRY(process_signals(&signals));
	TRY(server_listen(settings, &server));
	struct result became = process_become(settings->vault_user);
	if (became.err == ERR_NONE)
		became = log_start();
	if (became.err != ERR_NONE) {
		stop_server(server);
		return became;
	}
	return fill_and_run(settings, *secrets, server, signals);
}

int vault_main(const struct settings *settings)
{
	log_open("vault", log_level_named(settings->log_level));
	struct secrets *secrets = NULL;
	const struct result done = start(settings, &secrets);
	if (done.err != ERR_NONE)
		log_error("vault.start", "error", result_name(done.err), "where", done.where);
	secrets_free(secrets);
	log_info("vault.end");
	return done.err == ERR_NONE ? 0 : 1;
}
