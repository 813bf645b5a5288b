/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP adapter with an application that answers what it received, for the tests of this folder.
 *
 *   http_echo KEY=VALUE...   port, cert, key, issuer, timeout_s, max, queue, proxies, log=1
 *
 * Writes "ready" when it listens; ends at SIGTERM.
 */
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/io/http.h"
#include "idp/io/process.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BIG_LEN ((size_t)8 << 20)
#define SLOW_MS 300
#define GRACE_S 5

static const char big[BIG_LEN];

static enum http_lane lane(void *arg, enum http_method method, const char *path)
{
	(void)arg;
	(void)method;
	if (str_eq(path, "/inline"))
		return HTTP_LANE_INLINE;
	return str_starts(path, "/slow") ? HTTP_LANE_SLOW : HTTP_LANE_QUICK;
}

static bool knows(void *arg, const char *path)
{
	(void)arg;
	return !str_starts(path, "/unknown");
}

static void put(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "%s=%s\n", name, value == NULL ? "(none)" : value);
}

static void put_params(struct buf *out, const char *name, const struct params *params)
{
	for (size_t i = 0; i < params->n; i++)
		buf_printf(out, "%s.%s=%s\n", name, params->items[i].name, params->items[i].value);
}

static void tell(const struct http_request *request, struct http_response *response)
{
	struct buf out = buf_new(request->arena);
	put(&out, "method", request->method_name);
	put(&out, "path", request->path);
	put(&out, "query_text", request->query_text);
	put(&out, "query_verdict", params_verdict_text(request->query_verdict));
	put(&out, "form_verdict", params_verdict_text(request->form_verdict));
	put(&out, "address", request->address);
	put(&out, "correlation_id", request->correlation_id);
	put(&out, "user_agent", http_header(request, "user-agent"));
	put(&out, "cookie.a", http_cookie(request, "a"));
	put_params(&out, "query", request->query);
	put_params(&out, "form", request->form);
	buf_printf(&out, "body_len=%zu\nheaders=%zu\n", request->body_len, request->n_headers);
	http_body(response, 200, "text/plain", out.text, out.len);
}

static void handle(void *arg, enum http_lane in, int worker, const struct http_request *request,
	struct http_response *response)
{
	(void)arg;
	(void)worker;
	if (in == HTTP_LANE_SLOW)
		nanosleep(&(struct timespec){.tv_nsec = SLOW_MS * 1000000L}, NULL);
	if (in == HTTP_LANE_INLINE)
		http_body(response, 200, "text/plain", "inline", strlen("inline"));
	else if (str_eq(request->path, "/big"))
		http_body(response, 200, "application/octet-stream", big, BIG_LEN);
	else if (str_eq(request->path, "/redirect"))
		http_redirect(response, 303, "/echo");
	else if (str_eq(request->path, "/silent"))
		response->status = 0;
	else
		tell(request, response);
}

static void refuse(void *arg, int status, const char *reason, const struct http_request *request,
	struct http_response *response)
{
	(void)arg;
	struct buf out = buf_new(request->arena);
	buf_printf(&out, "refused=%d %s\n", status, reason);
	http_body(response, status, "text/plain", out.text, out.len);
}

static const char *value_of(int argc, char **argv, const char *key, const char *fallback)
{
	const size_t len = strlen(key);
	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], key, len) == 0 && argv[i][len] == '=')
			return argv[i] + len + 1;
	return fallback;
}

static int64_t number_of(int argc, char **argv, const char *key, const char *fallback)
{
	return strtoll(value_of(argc, argv, key, fallback), NULL, 10);
}

static struct settings settings_of(int argc, char **argv)
{
	return (struct settings){
		.issuer = value_of(argc, argv, "issuer", ""),
		.listen_address = "127.0.0.1",
		.listen_port = number_of(argc, argv, "port", "18100"),
		.tls_cert_file = value_of(argc, argv, "cert", ""),
		.tls_key_file = value_of(argc, argv, "key", ""),
		.trusted_proxies = value_of(argc, argv, "proxies", ""),
		.max_connections = number_of(argc, argv, "max", "4096"),
		.request_timeout_s = number_of(argc, argv, "timeout_s", "2"),
		.quick_workers = 2,
		.slow_workers = 2,
		.quick_queue = number_of(argc, argv, "queue", "64"),
		.slow_queue = number_of(argc, argv, "queue", "64"),
	};
}

static struct result run(int argc, char **argv)
{
	const struct settings settings = settings_of(argc, argv);
	const struct http_app app = {
		.lane = lane, .knows = knows, .handle = handle, .refuse = refuse};
	struct http_server *server = NULL;
	int signals = -1;
	log_open("echo", number_of(argc, argv, "log", "0") ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARN);
	TRY(process_harden());
	TRY(process_signals(&signals));
	TRY(log_start());
	TRY(http_start(&settings, &app, &server));
	printf("ready\n");
	fflush(stdout);
	while ((process_wait(signals, -1) & PROCESS_STOP) == 0)
		continue;
	http_stop(server, GRACE_S);
	return OK;
}

int main(int argc, char **argv)
{
	const struct result done = run(argc, argv);
	if (done.err != ERR_NONE)
		fprintf(stderr, "http_echo: %s at %s\n", result_name(done.err), done.where);
	return done.err == ERR_NONE ? 0 : 1;
}
