/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/web_main.h"
#include "idp/base/tally.h"
#include "idp/io/jwks_times.h"
#include "idp/page/serve.h"
#include "idp/web/figures.h"
#include "idp/web/health.h"
#include "idp/web/keys.h"
#include "idp/web/routes.h"
#include "idp/web/seal_keys.h"
#include "idp/web/sign_batch.h"
#include "idp/web/upkeep.h"
#include "idp/web/watch.h"
#include "idp/web/web.h"
#include "oidc/discovery.h"
#include <stdlib.h>
#include <time.h>

#define SIGN_FRAMES 2 /* with jobs for the vault, of each kind under way at once */
#define AWAIT_KEYS_MS 2000
#define AWAIT_TICK_MS 5

/* What all requests share. */
struct shared {
	struct arena *arena; /* the discovery document */
	struct web web; /* as each request has it at its beginning */
	struct watch *watch;
	struct upkeep *upkeep[UPKEEP_PARTS];
};

static struct shared *shared_new(const struct settings *settings)
{
	struct shared *shared = calloc(1, sizeof *shared);
	if (!shared)
		abort();
	shared->arena = arena_new();
	AUTO_JSON json_t *metadata = discovery_metadata(settings->issuer);
	shared->web = (struct web){
		.keys = web_keys_new(JWKS_SERVED_S),
		.seal_keys = seal_keys_new(),
		.clients = clients_new(),
		.sign = sign_batch_new(SIGN_FRAMES),
		.bind = sign_batch_new(SIGN_FRAMES),
		.tally = tally_new(),
		.health = health_new(),
		.figures = figures_new(),
		.discovery = json_text(shared->arena, metadata),
	};
	return shared;
}

/* The role is ready once it publishes keys and can seal. A vault that is away does not keep it from
 * starting. */
static void await_keys(const struct web *web)
{
	const struct timespec tick = {.tv_nsec = AWAIT_TICK_MS * 1000000};
	for (int i = 0; i < AWAIT_KEYS_MS / AWAIT_TICK_MS; i++) {
		if (web_keys_known(web->keys) && seal_keys_known(web->seal_keys))
			return;
		(void)nanosleep(&tick, NULL);
	}
}

static struct result web_open(
	const struct settings *settings, const struct observe *observe, void **arg)
{
	struct shared *shared = *arg = shared_new(settings);
	const struct upkeep_setup setup = {settings, &shared->web, observe};
	const struct watched watched = {shared->web.clients, shared->web.keys};
	for (int i = 0; i < UPKEEP_PARTS; i++)
		TRY(upkeep_start(&setup, (enum upkeep_part)i, &shared->upkeep[i]));
	TRY(watch_start(settings, &watched, &shared->watch));
	await_keys(&shared->web);
	return OK;
}

static void web_close(void *arg)
{
	struct shared *shared = arg;
	watch_stop(shared->watch);
	for (int i = 0; i < UPKEEP_PARTS; i++)
		upkeep_stop(shared->upkeep[i]);
	clients_free(shared->web.clients);
	sign_batch_free(shared->web.sign);
	sign_batch_free(shared->web.bind);
	tally_free(shared->web.tally);
	health_free(shared->web.health);
	figures_free(shared->web.figures);
	seal_keys_free(shared->web.seal_keys);
	web_keys_free(shared->web.keys);
	arena_free(shared->arena);
	free(shared);
}

static void web_begin(void *arg, struct context *ctx)
{
	const struct shared *shared = arg;
	*web_of(ctx) = shared->web;
}

static void web_end(void *arg, struct context *ctx)
{
	(void)arg;
	clients_release(&web_of(ctx)->held);
}

static void web_metrics(void *arg, struct buf *out)
{
	const struct shared *shared = arg;
	figures_write(&shared->web, out);
}

static const char *metrics_listen(const struct settings *settings)
{
	return settings->metrics_listen;
}

static const char *user(const struct settings *settings)
{
	return settings->web_user;
}

static const char *database(const struct settings *settings)
{
	return settings->web_database;
}

static const struct serve_role role = {
	.site = &web_site,
	.user = user,
	.database = database,
	.vault_socket = "web.sock",
	.state_size = sizeof(struct web),
	.metrics_listen = metrics_listen,
	.open = web_open,
	.begin = web_begin,
	.end = web_end,
	.metrics = web_metrics,
	.close = web_close,
};

int web_main(const struct settings *settings)
{
	return serve_main(&role, settings);
}
