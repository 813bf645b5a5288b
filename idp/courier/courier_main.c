/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/courier/courier_main.h"
#include "idp/base/heap.h"
#include "idp/base/log.h"
#include "idp/courier/keeper.h"
#include "idp/courier/sender.h"
#include "idp/page/serve.h"
#include <stdlib.h>

#define REPORT_WORKERS 2
#define REPORT_QUEUE 256
#define REPORT_CONNECTIONS 64

static const struct route routes[] = {
	{"/report", HTTP_LANE_QUICK, MANNER_JSON, false, false, ep_report, NULL},
};

static const char *address(const struct settings *settings)
{
	return settings->reports_url;
}

static const struct site site = {
	.name = "courier",
	.address = address,
	.routes = routes,
	.n_routes = sizeof routes / sizeof *routes,
};

struct shared {
	struct arena *arena; /* gateways and their passwords; wiped at the end */
	struct courier courier;
	struct keeper *keeper;
	struct sender **senders;
	size_t n_senders;
};

static void listen_at(const struct settings *settings, struct settings *listen)
{
	listen->listen_address = settings->reports_address;
	listen->listen_port = settings->reports_port;
	listen->tls_cert_file = listen->tls_key_file = "";
	listen->max_connections = REPORT_CONNECTIONS;
	listen->quick_workers = REPORT_WORKERS;
	listen->quick_queue = listen->slow_queue = REPORT_QUEUE;
	listen->slow_workers = listen->batch_connections = 1;
}

static struct result start_senders(struct shared *shared)
{
	const size_t each = (size_t)shared->courier.settings->courier_threads;
	shared->senders = calloc(CHANNELS * each, sizeof(struct sender *));
	if (!shared->senders)
		abort();
	for (size_t i = 0; i < CHANNELS; i++) {
		struct channel *const channel = &shared->courier.channels[i];
		for (size_t j = 0; channel->gateways.n > 0 && j < each; j++) {
			TRY(sender_start(&shared->courier, channel, j == 0,
				&shared->senders[shared->n_senders]));
			shared->n_senders++;
		}
		if (channel->gateways.n == 0)
			log_warn("courier.channel", "channel", channel->kind->name, "state",
				"the settings name no gateway");
	}
	return OK;
}

static struct result courier_open(
	const struct settings *settings, const struct observe *observe, void **arg)
{
	struct shared *const shared = *arg = calloc(1, sizeof *shared);
	if (!shared)
		abort();
	json_memory(heap_wipe_free); /* JSON here holds numbers and codes */
	shared->arena = arena_new();
	shared->courier.settings = settings;
	shared->courier.observe = observe;
	TRY(transfer_open());
	TRY(courier_fill(&shared->courier, shared->arena));
	TRY(keeper_start(&shared->courier, &shared->keeper));
	return start_senders(shared);
}

static void courier_close(void *arg)
{
	struct shared *const shared = arg;
	atomic_store(&shared->courier.stopping, true);
	if (shared->courier.channels)
		for (size_t i = 0; i < CHANNELS; i++)
			bell_stop(&shared->courier.channels[i].bell);
	for (size_t i = 0; i < shared->n_senders; i++)
		sender_stop(shared->senders[i]);
	free(shared->senders);
	keeper_stop(shared->keeper);
	if (shared->courier.channels)
		courier_clear(&shared->courier);
	arena_free(shared->arena);
	free(shared);
}

static void courier_begin(void *arg, struct context *ctx)
{
	struct shared *const shared = arg;
	*(struct courier **)ctx->role = &shared->courier;
}

static void courier_metrics(void *arg, struct buf *out)
{
	struct shared *const shared = arg;
	courier_write(&shared->courier, out);
	keeper_write(shared->keeper, out);
}

static const char *metrics_listen(const struct settings *settings)
{
	return settings->courier_metrics_listen;
}

static const char *user(const struct settings *settings)
{
	return settings->courier_user;
}

static const char *database(const struct settings *settings)
{
	return settings->courier_database;
}

static const struct serve_role role = {
	.site = &site,
	.user = user,
	.listen = listen_at,
	.database = database,
	.state_size = sizeof(struct courier *),
	.metrics_listen = metrics_listen,
	.open = courier_open,
	.begin = courier_begin,
	.metrics = courier_metrics,
	.close = courier_close,
};

int courier_main(const struct settings *settings)
{
	return serve_main(&role, settings);
}
