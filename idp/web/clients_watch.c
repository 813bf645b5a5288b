/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/clients_watch.h"
#include "idp/base/log.h"
#include "idp/io/db_listen.h"
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define RETRY_MS 1000
#define WAIT_MS 60000

struct clients_watch {
	pthread_t thread;
	atomic_bool stopping;
	int wake; /* an eventfd: readable at the stop */
	struct db *db;
	struct clients *clients;
	bool listening;
};

/* What changed while nobody listened is not known. */
static void begin(struct clients_watch *watch)
{
	struct pollfd wake = {.fd = watch->wake, .events = POLLIN};
	watch->listening = db_listen(watch->db, CLIENTS_CHANNEL).err == ERR_NONE;
	clients_forget(watch->clients, NULL);
	if (!watch->listening)
		(void)poll(&wake, 1, RETRY_MS);
}

static void follow(struct clients_watch *watch, struct arena *arena)
{
	const char *client_id = NULL;
	const struct result result =
		db_notified(watch->db, arena, watch->wake, WAIT_MS, &client_id);
	if (result.err != ERR_NONE) {
		log_warn("web.clients", "state", "away", "where", result.where);
		watch->listening = false;
		clients_forget(watch->clients, NULL);
		return;
	}
	if (!client_id)
		return;
	log_info("web.clients", "changed", client_id);
	clients_forget(watch->clients, client_id);
}

static void *run(void *arg)
{
	struct clients_watch *watch = arg;
	while (!atomic_load(&watch->stopping)) {
		struct arena *arena = arena_new();
		if (watch->listening)
			follow(watch, arena);
		else
			begin(watch);
		arena_free(arena);
	}
	return NULL;
}

static void release(struct clients_watch *watch)
{
	db_free(watch->db);
	if (watch->wake >= 0)
		close(watch->wake);
	free(watch);
}

struct result clients_watch_start(
	const struct settings *settings, struct clients *clients, struct clients_watch **out)
{
	struct clients_watch *watch = calloc(1, sizeof *watch);
	if (!watch)
		abort();
	watch->clients = clients;
	watch->wake = eventfd(0, EFD_CLOEXEC);
	watch->db = db_new(settings->web_database, "pratu web clients");
	if (watch->wake < 0 || pthread_create(&watch->thread, NULL, run, watch) != 0) {
		release(watch);
		FAIL(ERR_IO);
	}
	*out = watch;
	return OK;
}

void clients_watch_stop(struct clients_watch *watch)
{
	const uint64_t one = 1;
	if (!watch)
		return;
	atomic_store(&watch->stopping, true);
	(void)!write(watch->wake, &one, sizeof one);
	pthread_join(watch->thread, NULL);
	release(watch);
}
