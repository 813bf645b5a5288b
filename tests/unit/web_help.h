/* SPDX-License-Identifier: Apache-2.0 */
/* A request without a socket, for tests of what reads and writes one. */
#ifndef PRATU_TESTS_WEB_HELP_H
#define PRATU_TESTS_WEB_HELP_H

#include "tests/unit/unit.h"
#include "idp/web/routes.h"
#include "idp/web/web.h"

#define HELP_NOW_S 1735664700

struct help {
	struct settings settings;
	struct http_header headers[16];
	struct http_request request;
	struct http_response response;
	struct params query, form;
	struct web web;
	struct context ctx;
};

static inline void help_open(struct help *help)
{
	*help = (struct help){
		.settings = {.issuer = "https://pratu.example",
			.mode = MODE_PRODUCTION,
			.service_name_th = "ประตู",
			.service_name_en = "Pratu",
			.support_th = "โทร 1111",
			.support_en = "Call 1111",
			.session_absolute_s = 43200,
			.session_idle_s = 1800,
			.transaction_ttl_s = 900},
	};
	help->request = (struct http_request){.arena = arena_new(),
		.method = HTTP_GET,
		.method_name = "GET",
		.path = "/signin",
		.query_text = "",
		.query = &help->query,
		.form = &help->form,
		.headers = help->headers,
		.address = "192.0.2.1",
		.correlation_id = "correlation0000000000x"};
	help->ctx = (struct context){.settings = &help->settings,
		.clock = clock_system(),
		.rng = rng_system(),
		.arena = help->request.arena,
		.request = &help->request,
		.response = &help->response,
		.now_s = HELP_NOW_S,
		.now_ms = HELP_NOW_S * INT64_C(1000),
		.site = &web_site,
		.role = &help->web};
}

static inline void help_close(struct help *help)
{
	arena_free(help->request.arena);
}

static inline void help_header(struct help *help, const char *name, const char *value)
{
	help->headers[help->request.n_headers++] = (struct http_header){name, value};
}

/* The answer's n-th header of that name, NULL if there are fewer. */
static inline const char *help_answer(const struct help *help, const char *name, size_t n)
{
	for (size_t i = 0; i < help->response.n_headers; i++) {
		if (strcmp(help->response.headers[i].name, name) == 0 && n-- == 0)
			return help->response.headers[i].value;
	}
	return NULL;
}

#endif
