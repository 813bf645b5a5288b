/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/web_main.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/io/process.h"
#include "idp/web/keys.h"
#include "idp/web/routes.h"
#include "idp/web/upkeep.h"
#include "idp/web/web.h"
#include "oidc/discovery.h"
#include <stdatomic.h>
#include <stdlib.h>

#define GRACE_S 4 /* for what is in flight at the stop */
#define STOP_MOST_S 8 /* where a worker hangs, on a vault that hangs for example */

/* What one worker owns. */
struct worker {
	struct db *db;
	struct vault_call *vault;
};

/* The running role. */
struct service {
	const struct settings *settings;
	struct arena *arena; /* the discovery document */
	const char *discovery;
	struct web_keys *keys;
	struct worker *workers[HTTP_LANES]; /* NULL for the inline lane */
	int64_t n_workers[HTTP_LANES];
	_Atomic(struct http_server *) server; /* set once it runs */
	struct upkeep *upkeep;
};

static struct web web_for(
	struct service *service, const struct http_request *request, struct http_response *response)
{
	struct web web = {
		.settings = service->settings,
		.clock = clock_system(),
		.rng = rng_system(),
		.keys = service->keys,
		.arena = request->arena,
		.request = request,
		.response = response,
		.discovery = service->discovery,
		.server = atomic_load(&service->server),
	};
	web.now_s = clock_now_s(&web.clock);
	return web;
}

static enum http_lane lane(void *arg, enum http_method method, const char *path)
{
	(void)arg;
	return web_lane(method, path);
}

static bool knows(void *arg, const char *path)
{
	(void)arg;
	return routes_find(path) != NULL;
}

static void handle(void *arg, enum http_lane in, int worker, const struct http_request *request,
	struct http_response *response)
{
	struct service *service = arg;
	struct web web = web_for(service, request, response);
	if (service->workers[in]) {
		web.db = service->workers[in][worker].db;
		web.vault = service->workers[in][worker].vault;
	}
	web_dispatch(&web);
}

static void refuse(void *arg, int status, const char *reason, const struct http_request *request,
	struct http_response *response)
{
	struct web web = web_for(arg, request, response);
	web_refuse(&web, status, reason);
}

static struct worker *workers_new(const struct settings *settings, const char *name, int64_t n)
{
	struct worker *workers = calloc((size_t)n, sizeof(*workers));
	if (!workers)
		abort();
	for (int64_t i = 0; i < n; i++) {
		workers[i].db = db_new(settings->web_database, name);
		workers[i].vault = vault_call_new(settings->vault_socket_dir, "web.sock");
	}
	return workers;
}

static void workers_free(struct worker *workers, int64_t n)
{
	for (int64_t i = 0; workers && i < n; i++) {
		db_free(workers[i].db);
		vault_call_free(workers[i].vault);
	}
	free(workers);
}

static void service_open(struct service *service, const struct settings *settings)
{
	service->settings = settings;
	service->arena = arena_new();
	AUTO_JSON json_t *metadata = discovery_metadata(settings->issuer);
	service->discovery = json_text(service->arena, metadata);
	service->keys = web_keys_new();
	service->n_workers[HTTP_LANE_QUICK] = settings->quick_workers;
	service->n_workers[HTTP_LANE_SLOW] = settings->slow_workers;
	service->workers[HTTP_LANE_QUICK] =
		workers_new(settings, "pratu web quick", settings->quick_workers);
	service->workers[HTTP_LANE_SLOW] =
		workers_new(settings, "pratu web slow", settings->slow_workers);
}

static void service_close(struct service *service)
{
	http_stop(atomic_load(&service->server), GRACE_S);
	upkeep_stop(service->upkeep);
	for (int i = 0; i < HTTP_LANES; i++)
		workers_free(service->workers[i], service->n_workers[i]);
	web_keys_free(service->keys);
	arena_free(service->arena);
}

static struct result serve(struct service *service, int signals)
{
	static const struct http_app shape = {
		.lane = lane, .knows = knows, .handle = handle, .refuse = refuse};
	struct http_app app = shape;
	struct http_server *server;
	app.arg = service;
	TRY(upkeep_start(service->settings, service->keys, &service->upkeep));
	TRY(http_start(service->settings, &app, &server));
	atomic_store(&service->server, server);
	log_info("web.started", "issuer", service->settings->issuer, "version", PRATU_VERSION);
	process_ready();
	unsigned events;
	while (!((events = process_wait(signals, -1)) & PROCESS_STOP))
		if (events & PROCESS_RELOAD)
			log_warn("web.reload", "answer", "settings are read at the start: restart");
	process_stopping(STOP_MOST_S);
	log_info("web.stopping");
	return OK;
}

static struct result prepare(const struct settings *settings, int *signals)
{
	TRY(process_harden());
	TRY(process_signals(signals));
	TRY(process_become(settings->web_user));
	TRY(log_start());
	return OK;
}

int web_main(const struct settings *settings)
{
	struct service service = {0};
	int signals = -1;
	log_open("web", log_level_named(settings->log_level));
	struct result result = prepare(settings, &signals);
	if (result.err == ERR_NONE) {
		service_open(&service, settings);
		result = serve(&service, signals);
		service_close(&service);
	}
	if (result.err != ERR_NONE)
		log_error(
			"web.not_started", "error", result_name(result.err), "where", result.where);
	return result.err == ERR_NONE ? 0 : 1;
}
