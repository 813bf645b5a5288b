/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/watch.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/io/db_listen.h"
#include "idp/web/keys.h"
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define RETRY_MS 1000
#define WAIT_MS 60000

struct watch {
	pthread_t thread;
	atomic_bool stopping;
	int wake; /* an eventfd: readable at the stop */
	struct db *db;
	struct watched watched;
	bool listening;
};

static void client_changed(const struct watched *watched, const char *client_id)
{
	clients_forget(watched->clients, client_id);
}

static void key_made(const struct watched *watched, const char *kid)
{
	(void)kid;
	web_keys_outdate(watched->keys);
}

/* A new channel is a row. changed: what the notification names; NULL: anything may have changed. */
static const struct channel {
	const char *name;
	void (*changed)(const struct watched *watched, const char *what);
} channels[] = {
	{CLIENTS_CHANNEL, client_changed},
	{WEB_KEYS_CHANNEL, key_made},
};
#define CHANNELS (sizeof channels / sizeof *channels)

static void all_changed(const struct watch *watch)
{
	for (size_t i = 0; i < CHANNELS; i++)
		channels[i].changed(&watch->watched, NULL);
}

static void begin(struct watch *watch)
{
	struct pollfd wake = {.fd = watch->wake, .events = POLLIN};
	watch->listening = true;
	for (size_t i = 0; i < CHANNELS && watch->listening; i++)
		watch->listening = db_listen(watch->db, channels[i].name).err == ERR_NONE;
	all_changed(watch);
	if (!watch->listening)
		(void)poll(&wake, 1, RETRY_MS);
}

static void follow(struct watch *watch, struct arena *arena)
{
	const struct db_notice_wait wait = {watch->wake, WAIT_MS};
	struct db_notice notice;
	const struct result result = db_notified(watch->db, arena, &wait, &notice);
	if (result.err != ERR_NONE) {
		log_warn("web.watch", "state", "away", "where", result.where);
		watch->listening = false;
		all_changed(watch);
		return;
	}
	for (size_t i = 0; i < CHANNELS && notice.channel; i++) {
		if (!str_eq(channels[i].name, notice.channel))
			continue;
		log_info("web.watch", "channel", notice.channel, "changed", notice.payload);
		channels[i].changed(&watch->watched, notice.payload);
	}
}

static void *run(void *arg)
{
	struct watch *watch = arg;
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

static void release(struct watch *watch)
{
	db_free(watch->db);
	if (watch->wake >= 0)
		close(watch->wake);
	free(watch);
}

struct result watch_start(
	const struct settings *settings, const struct watched *watched, struct watch **out)
{
	struct watch *watch = calloc(1, sizeof *watch);
	if (!watch)
		abort();
	watch->watched = *watched;
	watch->wake = eventfd(0, EFD_CLOEXEC);
	watch->db = db_new_admitted(settings->web_database, "pratu web watch");
	if (watch->wake < 0 || pthread_create(&watch->thread, NULL, run, watch) != 0) {
		release(watch);
		FAIL(ERR_IO);
	}
	*out = watch;
	return OK;
}

void watch_stop(struct watch *watch)
{
	const uint64_t one = 1;
	if (!watch)
		return;
	atomic_store(&watch->stopping, true);
	(void)!write(watch->wake, &one, sizeof one);
	pthread_join(watch->thread, NULL);
	release(watch);
}
