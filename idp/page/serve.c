/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/page/serve.h"
#include "idp/base/log.h"
#include "idp/io/db_batch.h"
#include "idp/io/process.h"
#include "idp/io/reload.h"
#include "idp/page/dispatch.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define GRACE_S 4 /* for what is in flight at the stop */
#define BATCH_LOCK_MS 100 /* a row that stays locked keeps the others waiting no longer */
#define STOP_MOST_S 8 /* where a worker hangs, on a vault that hangs for example */

/* What one worker owns. */
struct worker {
	struct db *db;
	struct vault_call *vault;
};

/* The running role. */
struct service {
	const struct serve_role *role;
	const struct settings *settings; /* of the start */
	struct reload *reload; /* those in force */
	struct settings listen; /* a copy, with the listener's own values */
	void *arg; /* the role's own */
	struct worker *workers[HTTP_LANES]; /* NULL for the inline lane */
	int64_t n_workers[HTTP_LANES];
	struct vault_wait *wait; /* for all workers' calls */
	struct db_batch *batch; /* that all workers' connections have joined; NULL: no database */
	_Atomic(struct http_server *) server; /* set once it runs */
	struct observe *observe;
	struct observe_listener *metrics; /* NULL: none */
};

/* The name of a log entry of this role. */
static const char *event(const struct service *service, const char *what, char buffer[static 64])
{
	(void)snprintf(buffer, 64, "%s.%s", service->role->site->name, what);
	return buffer;
}

static void begin(struct service *service, const struct http_request *request,
	struct http_response *response, struct context *ctx)
{
	const struct serve_role *role = service->role;
	*ctx = (struct context){
		.settings = reload_settings(service->reload),
		.clock = clock_system(),
		.rng = rng_system(),
		.arena = request->arena,
		.request = request,
		.response = response,
		.server = atomic_load(&service->server),
		.site = role->site,
		.role = arena_alloc(request->arena, role->state_size),
	};
	ctx->now_ms = clock_now_ms(&ctx->clock);
	ctx->now_s = ctx->now_ms / 1000;
	if (role->begin)
		role->begin(service->arg, ctx);
}

static void end(struct service *service, struct context *ctx)
{
	if (service->role->end)
		service->role->end(service->arg, ctx);
}

static enum http_lane lane(void *arg, enum http_method method, const char *path)
{
	const struct service *service = arg;
	return dispatch_lane(service->role->site, method, path);
}

static bool knows(void *arg, const char *path)
{
	const struct service *service = arg;
	return dispatch_knows(service->role->site, path);
}

static void handle(void *arg, enum http_lane in, int worker, const struct http_request *request,
	struct http_response *response)
{
	struct service *service = arg;
	struct context ctx;
	begin(service, request, response, &ctx);
	if (service->workers[in]) {
		ctx.db = service->workers[in][worker].db;
		ctx.vault = service->workers[in][worker].vault;
	}
	dispatch_request(&ctx);
	end(service, &ctx);
}

static void refuse(void *arg, int status, const char *reason, const struct http_request *request,
	struct http_response *response)
{
	struct context ctx;
	begin(arg, request, response, &ctx);
	dispatch_refuse(&ctx, status, reason);
	end(arg, &ctx);
}

static void done(void *arg, const struct http_request *request, int status, int64_t took_us)
{
	const struct service *service = arg;
	observe_request(service->observe, request, status, took_us);
}

static void connect_worker(
	const struct service *service, const char *application, struct worker *worker)
{
	const struct serve_role *role = service->role;
	const struct settings *settings = service->settings;
	if (role->database) {
		worker->db = db_new_admitted(role->database(settings), application);
		db_observe(worker->db, service->observe->database);
		db_batch_join(worker->db, service->batch);
	}
	if (role->vault_socket) {
		worker->vault = vault_call_new(settings->vault_socket_dir, role->vault_socket);
		vault_call_observe(worker->vault, service->observe->vault);
		vault_call_await(worker->vault, service->wait);
	}
}

static void open_workers(struct service *service, enum http_lane in, const char *name, int64_t n)
{
	struct worker *workers = calloc((size_t)n, sizeof *workers);
	char application[64];
	if (!workers)
		abort();
	(void)snprintf(
		application, sizeof application, "pratu %s %s", service->role->site->name, name);
	for (int64_t i = 0; i < n; i++)
		connect_worker(service, application, &workers[i]);
	service->workers[in] = workers;
	service->n_workers[in] = n;
}

static void open_batch(struct service *service)
{
	char application[64];
	(void)snprintf(
		application, sizeof application, "pratu %s batch", service->role->site->name);
	const struct db_batch_setup setup = {service->role->database(service->settings),
		application, (int)service->listen.batch_connections, BATCH_LOCK_MS,
		service->observe->database, service->observe->batches, service->observe->batch_jobs,
		.admitted = true};
	service->batch = db_batch_new(&setup);
}

static void close_workers(struct service *service)
{
	for (int in = 0; in < HTTP_LANES; in++) {
		for (int64_t i = 0; i < service->n_workers[in]; i++) {
			db_free(service->workers[in][i].db);
			vault_call_free(service->workers[in][i].vault);
		}
		free(service->workers[in]);
	}
	db_batch_free(service->batch);
	vault_wait_free(service->wait);
}

static struct result start_metrics(struct service *service)
{
	const struct serve_role *role = service->role;
	const struct settings *settings = service->settings;
	const struct observe_setup setup = {
		.observe = service->observe,
		.settings = settings,
		.listen = role->metrics_listen ? role->metrics_listen(settings) : NULL,
		.vault_socket = role->vault_socket,
		.metrics = role->metrics,
		.arg = service->arg,
		.server = &service->server,
	};
	return str_empty(setup.listen) ? OK : observe_start(&setup, &service->metrics);
}

static struct result start(struct service *service)
{
	static const struct http_app shape = {
		.lane = lane, .knows = knows, .handle = handle, .refuse = refuse, .done = done};
	const struct serve_role *role = service->role;
	struct http_app app = shape;
	struct http_server *server = NULL;
	char name[64];
	app.arg = service;
	app.socket = role->site->name;
	service->wait = vault_wait_new();
	service->listen = *service->settings;
	if (role->listen)
		role->listen(service->settings, &service->listen);
	if (role->open)
		TRY(role->open(service->settings, service->observe, &service->arg));
	if (role->database)
		open_batch(service);
	open_workers(service, HTTP_LANE_QUICK, "quick", service->listen.quick_workers);
	open_workers(service, HTTP_LANE_SLOW, "slow", service->listen.slow_workers);
	TRY(start_metrics(service));
	if (!str_empty(service->listen.listen_address))
		TRY(http_start(&service->listen, &app, &server));
	atomic_store(&service->server, server);
	log_info(event(service, "started", name), "address", role->site->address(service->settings),
		"version", PRATU_VERSION);
	process_ready();
	return OK;
}

/* Of the listener nothing else changes while it runs. */
static struct result accept_settings(void *arg, const struct settings *fresh)
{
	struct service *service = arg;
	struct http_server *const server = atomic_load(&service->server);
	struct settings listen = *fresh;
	if (service->role->listen)
		service->role->listen(fresh, &listen);
	return server ? http_renew(server, &listen) : OK;
}

static void wait_for_end(struct service *service, int signals)
{
	char name[64];
	unsigned events;
	while (!((events = process_wait(signals, -1)) & PROCESS_STOP))
		if (events & PROCESS_RELOAD)
			reload_read(service->reload, accept_settings, service);
	process_stopping(STOP_MOST_S);
	log_info(event(service, "stopping", name));
}

static struct result run(struct service *service, int signals)
{
	const struct clock clock = clock_system();
	service->observe = observe_new(service->role->site, clock_now_s(&clock));
	service->reload = reload_new(service->settings);
	const struct result started = start(service);
	if (started.err == ERR_NONE)
		wait_for_end(service, signals);
	observe_stop(service->metrics);
	http_stop(atomic_load(&service->server), GRACE_S);
	if (service->role->close)
		service->role->close(service->arg);
	close_workers(service);
	observe_free(service->observe);
	reload_free(service->reload);
	return started;
}

static struct result prepare(const struct service *service, int *signals)
{
	TRY(process_harden());
	TRY(process_signals(signals));
	if (service->role->user)
		TRY(process_become(service->role->user(service->settings)));
	return log_start();
}

int serve_main(const struct serve_role *role, const struct settings *settings)
{
	struct service service = {.role = role, .settings = settings};
	int signals = -1;
	char name[64];
	log_open(role->site->name, log_level_named(settings->log_level));
	struct result result = prepare(&service, &signals);
	if (result.err == ERR_NONE)
		result = run(&service, signals);
	if (result.err != ERR_NONE)
		log_error(event(&service, "not_started", name), "error", result_name(result.err),
			"where", result.where);
	return result.err == ERR_NONE ? 0 : 1;
}
