/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/clock.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/io/http_impl.h"
#include "idp/io/http_listen.h"
#include "idp/io/http_size.h"
#include "idp/io/process.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define SEND_TIMES 6 /* an answer may take so many times as long as a request */
#define IDLE_S 75
#define EVICT_AFTER_S 2
#define IDLE_MAX 256 /* connections kept waiting for their next request, over all loops */
#define IDLE_MANY 128
#define IDLE_MANY_S 5
#define CONNECTIONS_LEAST 4
#define CGROUPS "/sys/fs/cgroup"
#define FLUSH_S 1 /* for the last answers, after the grace */
#define LOOK_NS 10000000
#define AFTER_LEAVE_S 2 /* of the grace, for what is under way when no more is accepted */

static struct http_limits limits_of(const struct settings *settings)
{
	return (struct http_limits){
		.receive_us = settings->request_timeout_s * 1000000,
		.send_us = SEND_TIMES * settings->request_timeout_s * 1000000,
		.idle_us = IDLE_S * INT64_C(1000000),
		.evict_after_us = EVICT_AFTER_S * INT64_C(1000000),
		.evict_silent_us = HTTP_TICK_MS * INT64_C(1000),
		.idle_max = IDLE_MAX / HTTP_LOOPS,
		.idle_many = IDLE_MANY / HTTP_LOOPS,
		.idle_many_us = IDLE_MANY_S * INT64_C(1000000),
	};
}

static struct result start_lane(
	struct http_server *server, enum http_lane lane, int64_t workers, int64_t queue)
{
	const struct lane_setup setup = {
		.workers = workers,
		.capacity = queue,
		.arg = server,
		.work = http_exchange_work,
		.drop = http_exchange_drop,
	};
	return lane_new(&setup, &server->lanes[lane]);
}

static void log_fewer(const struct http_size *wanted, const struct http_size *size)
{
	char texts[4][24];
	const int64_t numbers[] = {
		wanted->connections, size->connections, wanted->files, wanted->memory_mib};
	for (int i = 0; i < 4; i++)
		(void)snprintf(texts[i], sizeof texts[i], "%lld", (long long)numbers[i]);
	log_warn("http.connections", LOG_NUMBER("max_connections"), texts[0], LOG_NUMBER("allowed"),
		texts[1], LOG_NUMBER("wanted_open_files"), texts[2],
		LOG_NUMBER("wanted_memory_mib"), texts[3]);
}

/* As many connections as there are descriptors and memory for, beside what the role itself needs.
 * With more, accept would fail and nobody would be evicted for those who wait, or the kernel would
 * end the role. */
static struct result set_sizes(struct http_server *server)
{
	const struct http_size wanted = http_size_wanted(server->settings);
	const struct http_size size = http_size_within(
		server->settings, process_files(wanted.files), process_memory_mib(CGROUPS));
	if (size.connections < wanted.connections)
		log_fewer(&wanted, &size);
	if (size.connections < CONNECTIONS_LEAST)
		FAIL(ERR_CONFIG);
	for (int i = 0; i < HTTP_LOOPS; i++) {
		server->loops[i].n_max = size.connections / HTTP_LOOPS;
		server->loops[i].linger.n_max = (int)(size.lingering / HTTP_LOOPS);
	}
	return OK;
}

static struct result start_loops(struct http_server *server)
{
	for (int i = 0; i < HTTP_LOOPS; i++) {
		server->loops[i].server = server;
		TRY(http_loop_start(&server->loops[i]));
	}
	return OK;
}

static struct result start(struct http_server *server)
{
	const struct settings *settings = server->settings;
	TRY(set_sizes(server));
	if (!str_empty(settings->tls_cert_file))
		TRY(http_tls_new(settings, &server->tls));
	TRY(start_lane(server, HTTP_LANE_QUICK, settings->quick_workers, settings->quick_queue));
	TRY(start_lane(server, HTTP_LANE_SLOW, settings->slow_workers, settings->slow_queue));
	TRY(http_listen(server->app.socket, settings->listen_address, settings->listen_port,
		&server->listen_fd));
	TRY(start_loops(server));
	http_tls_forget(server->tls);
	return OK;
}

struct result http_start(
	const struct settings *settings, const struct http_app *app, struct http_server **out)
{
	struct http_server *server = calloc(1, sizeof *server);
	if (!server)
		abort();
	server->settings = settings;
	server->app = *app;
	server->limits = limits_of(settings);
	server->listen_fd = -1;
	const struct result started = start(server);
	if (started.err != ERR_NONE) {
		http_stop(server, 0);
		return started;
	}
	*out = server;
	return OK;
}

static bool is_busy(struct http_server *server)
{
	for (int i = 0; i < HTTP_LOOPS; i++)
		if (server->loops[i].started && atomic_load(&server->loops[i].n_busy) != 0)
			return true;
	return false;
}

static void raise_flag(struct http_server *server, atomic_bool *flag)
{
	atomic_store(flag, true);
	for (int i = 0; i < HTTP_LOOPS; i++)
		if (server->loops[i].started)
			http_loop_wake(&server->loops[i]);
}

/* Until nothing is under way on any connection, or time is up. */
static void wait_for_quiet(struct http_server *server, int64_t seconds)
{
	const struct timespec pause = {.tv_nsec = LOOK_NS};
	const int64_t until_us = clock_monotonic_us() + seconds * 1000000;
	while (is_busy(server) && clock_monotonic_us() < until_us)
		nanosleep(&pause, NULL);
}

struct result http_renew(struct http_server *server, const struct settings *settings)
{
	if (str_empty(settings->tls_cert_file) != !server->tls) {
		log_error("http.tls", "error", "only a restart begins or ends TLS");
		FAIL(ERR_CONFIG);
	}
	return server->tls ? http_tls_renew(server->tls, settings) : OK;
}

static void plan_leave(struct http_server *server, int grace_s)
{
	if (grace_s > AFTER_LEAVE_S)
		server->leave_for_us = (grace_s - AFTER_LEAVE_S) * INT64_C(1000000);
	server->stopped_us = clock_monotonic_us();
}

void http_stop(struct http_server *server, int grace_s)
{
	if (!server)
		return;
	plan_leave(server, grace_s);
	for (int i = 0; i < HTTP_LOOPS; i++)
		atomic_store(&server->loops[i].n_busy, 1); /* until the loop has looked */
	raise_flag(server, &server->stopping);
	wait_for_quiet(server, grace_s);
	for (int i = 0; i < HTTP_LANES; i++)
		lane_stop(server->lanes[i]);
	wait_for_quiet(server, FLUSH_S);
	raise_flag(server, &server->ending);
	for (int i = 0; i < HTTP_LOOPS; i++)
		http_loop_end(&server->loops[i]);
	for (int i = 0; i < HTTP_LANES; i++)
		lane_free(server->lanes[i]);
	http_tls_free(server->tls);
	if (server->listen_fd >= 0)
		close(server->listen_fd);
	free(server);
}

struct http_lane_figures http_figures(const struct http_server *server, enum http_lane lane)
{
	if (!server->lanes[lane])
		return (struct http_lane_figures){.done = atomic_load(&server->inline_done)};
	const struct lane_figures figures = lane_figures(server->lanes[lane]);
	return (struct http_lane_figures){
		figures.waiting, figures.running, figures.refused, figures.done};
}
