/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second role as a process: second PORT, on 127.0.0.1, until SIGTERM. Its settings say that the
 * web role listens one port below.
 */
#include "idp/page/serve.h"
#include "tests/raw/second/second.h"
#include <stdlib.h>

static const struct route routes[] = {
	{"/", HTTP_LANE_QUICK, MANNER_PAGE, false, false, ep_visit_get, ep_visit_post},
	{"/figures", HTTP_LANE_SLOW, MANNER_JSON, false, false, ep_figures, NULL},
	{"/language", HTTP_LANE_INLINE, MANNER_PAGE, false, false, ep_language, NULL},
	{"/style.css", HTTP_LANE_INLINE, MANNER_PAGE, false, false, ep_style, NULL},
	{"/favicon.ico", HTTP_LANE_INLINE, MANNER_PAGE, false, false, ep_icon, NULL},
	{"/seal", HTTP_LANE_QUICK, MANNER_PAGE, false, false, ep_seal, NULL},
};

static const char *address(const struct settings *settings)
{
	(void)settings;
	return "https://second.example";
}

static const struct site site = {
	.name = "second",
	.address = address,
	.routes = routes,
	.n_routes = sizeof routes / sizeof *routes,
};

struct counts {
	atomic_int begun, ended;
};

static void second_listen(const struct settings *settings, struct settings *listen)
{
	listen->listen_port = settings->listen_port + 1;
}

static struct result second_open(
	const struct settings *settings, const struct observe *observe, void **arg)
{
	(void)settings;
	(void)observe;
	*arg = calloc(1, sizeof(struct counts));
	return *arg ? OK : FAILED(ERR_IO);
}

static void second_begin(void *arg, struct context *ctx)
{
	struct counts *counts = arg;
	atomic_fetch_add(&counts->begun, 1);
	*second_of(ctx) = (struct second){&counts->begun, &counts->ended};
}

static void second_end(void *arg, struct context *ctx)
{
	struct counts *counts = arg;
	(void)ctx;
	atomic_fetch_add(&counts->ended, 1);
}

int main(int argc, char **argv)
{
	static const struct serve_role role = {
		.site = &site,
		.listen = second_listen,
		.state_size = sizeof(struct second),
		.open = second_open,
		.begin = second_begin,
		.end = second_end,
		.close = free,
	};
	const struct settings settings = {
		.issuer = "https://web.example",
		.listen_address = "127.0.0.1",
		.listen_port = strtoll(argc > 1 ? argv[1] : "18101", NULL, 10) - 1,
		.tls_cert_file = "",
		.tls_key_file = "",
		.trusted_proxies = "",
		.max_connections = 512,
		.request_timeout_s = 5,
		.quick_workers = 2,
		.quick_queue = 16,
		.slow_workers = 1,
		.slow_queue = 16,
		.service_name_th = "ระบบที่สอง",
		.service_name_en = "The second service",
		.support_th = "",
		.support_en = "",
		.log_level = "info",
	};
	return serve_main(&role, &settings);
}
