/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/log.h"
#include "idp/io/handed.h"
#include "idp/page/observe.h"
#include "vault_table.h"
#include <stdlib.h>
#include <string.h>

#define CONNECTIONS 16
#define WAITING 8 /* requests */
#define GRACE_S 1

struct observe_listener {
	struct observe_setup setup;
	struct arena *arena; /* the address */
	struct settings listen;
	struct vault_call *vault; /* of the one worker; NULL: none */
	struct http_server *server;
};

static enum http_lane lane(void *arg, enum http_method method, const char *path)
{
	(void)arg;
	(void)method;
	(void)path;
	return HTTP_LANE_QUICK;
}

static bool knows(void *arg, const char *path)
{
	const struct observe_listener *listener = arg;
	return str_eq(path, "/metrics") || (listener->vault && str_eq(path, "/metrics/vault"));
}

static void answer(struct http_response *response, int status, const char *text)
{
	http_body(response, status, "text/plain; charset=utf-8", text, strlen(text));
}

static void show_own(const struct observe_listener *listener, const struct http_request *request,
	struct http_response *response)
{
	const struct observe_setup *setup = &listener->setup;
	struct buf out = buf_new(request->arena);
	observe_write(setup->observe, atomic_load(setup->server), &out);
	if (setup->metrics)
		setup->metrics(setup->arg, &out);
	http_body(response, 200, METRICS_CONTENT_TYPE, out.text, out.len);
}

static void show_vault(const struct observe_listener *listener, const struct http_request *request,
	struct http_response *response)
{
	struct vault_metrics_out reply;
	const struct result asked = vault_call_metrics(listener->vault, request->arena, &reply);
	if (asked.err != ERR_NONE || reply.outcome != VAULT_OK)
		answer(response, 503, "the vault does not answer\n");
	else
		http_body(response, 200, METRICS_CONTENT_TYPE, reply.text, strlen(reply.text));
}

static void handle(void *arg, enum http_lane in, int worker, const struct http_request *request,
	struct http_response *response)
{
	const struct observe_listener *listener = arg;
	(void)in;
	(void)worker;
	if (request->method != HTTP_GET)
		answer(response, 405, "expected the method GET\n");
	else if (!knows(arg, request->path))
		answer(response, 404, "expected /metrics or /metrics/vault\n");
	else if (str_eq(request->path, "/metrics"))
		show_own(listener, request, response);
	else
		show_vault(listener, request, response);
}

static void refuse(void *arg, int status, const char *reason, const struct http_request *request,
	struct http_response *response)
{
	(void)arg;
	(void)request;
	answer(response, status, reason);
}

/* Of the role's settings only what protects a listener. */
static struct result fill(struct observe_listener *listener)
{
	struct settings *listen = &listener->listen;
	*listen = *listener->setup.settings;
	listen->tls_cert_file = listen->tls_key_file = listen->trusted_proxies = "";
	listen->max_connections = CONNECTIONS;
	listen->quick_workers = listen->slow_workers = 1;
	listen->quick_queue = listen->slow_queue = WAITING;
	if (!settings_listen(listener->arena, listener->setup.listen, &listen->listen_address,
		    &listen->listen_port))
		FAIL(ERR_CONFIG);
	return OK;
}

static struct result start(struct observe_listener *listener)
{
	const struct observe_setup *setup = &listener->setup;
	const struct http_app app = {.arg = listener,
		.socket = HANDED_METRICS,
		.lane = lane,
		.knows = knows,
		.handle = handle,
		.refuse = refuse};
	TRY(fill(listener));
	if (setup->vault_socket)
		listener->vault =
			vault_call_new(setup->settings->vault_socket_dir, setup->vault_socket);
	return http_start(&listener->listen, &app, &listener->server);
}

struct result observe_start(const struct observe_setup *setup, struct observe_listener **out)
{
	struct observe_listener *listener = calloc(1, sizeof *listener);
	if (!listener)
		abort();
	listener->setup = *setup;
	listener->arena = arena_new();
	const struct result started = start(listener);
	if (started.err != ERR_NONE) {
		log_error(
			"metrics.listen", "address", setup->listen, "error", "cannot listen there");
		observe_stop(listener);
		return started;
	}
	*out = listener;
	return OK;
}

void observe_stop(struct observe_listener *listener)
{
	if (!listener)
		return;
	http_stop(listener->server, GRACE_S);
	vault_call_free(listener->vault);
	arena_free(listener->arena);
	free(listener);
}
