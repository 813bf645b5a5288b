/* SPDX-License-Identifier: Apache-2.0 */
/* A stranger's browser before the sign-in, with a clock held by the test. There is no database and
 * no vault: what would ask one of them fails. */
#ifndef PRATU_TESTS_SIGNIN_WORLD_H
#define PRATU_TESTS_SIGNIN_WORLD_H

#include "tests/unit/web_help.h"
#include "idp/io/seal_epoch.h"
#include "idp/page/dispatch.h"
#include "idp/web/device.h"
#include "idp/web/seal_keys.h"
#include "idp/web/steps.h"

#define CLIENT "tax"
#define REDIRECT "https://tax.example/cb"
#define METADATA \
	"{\"client_id\":\"tax\",\"client_name\":\"Tax\",\"redirect_uris\":[\"" REDIRECT "\"]," \
	"\"token_endpoint_auth_method\":\"client_secret_basic\"}"
#define QUERY \
	"client_id=tax&redirect_uri=https%3A%2F%2Ftax.example%2Fcb&response_type=code" \
	"&scope=openid%20profile&state=s1"

struct world {
	struct help help;
	struct arena *arena;
	char device[64];
};

static inline int setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	const int64_t epoch = seal_epoch(HELP_NOW_S);
	const struct seal_key keys[] = {{epoch - 1, {1}}, {epoch, {2}}, {epoch + 1, {3}}};
	help_open(&w->help);
	w->arena = w->help.ctx.arena;
	w->help.web.seal_keys = seal_keys_new();
	w->help.web.clients = clients_new();
	w->help.ctx.db = db_new("host=/nowhere dbname=none", "test");
	w->help.ctx.vault = vault_call_new("/nowhere", "web.sock");
	seal_keys_set(w->help.web.seal_keys, keys, COUNT(keys));
	assert_ok(clients_put(w->help.web.clients, CLIENT, METADATA, 1));
	*state = w;
	return 0;
}

static inline int teardown(void **state)
{
	struct world *w = *state;
	clients_release(&w->help.web.held);
	db_free(w->help.ctx.db);
	vault_call_free(w->help.ctx.vault);
	clients_free(w->help.web.clients);
	seal_keys_free(w->help.web.seal_keys);
	help_close(&w->help);
	free(w);
	return 0;
}

static inline void fresh(struct world *w, enum http_method method, const char *path)
{
	struct help *help = &w->help;
	clients_release(&help->web.held);
	help->web.device = help->web.device_next = NULL;
	help->response = (struct http_response){0};
	help->request.n_headers = 0;
	help->request.method = method;
	help->request.method_name = method == HTTP_GET ? "GET" : "POST";
	help->request.path = path;
	if (*w->device)
		help_header(help, "Cookie", arena_printf(w->arena, "__Host-device=%s", w->device));
}

static inline void keep_device(struct world *w)
{
	const char *set = help_answer(&w->help, "Set-Cookie", 0);
	if (set && str_starts(set, "__Host-device="))
		snprintf(w->device, sizeof w->device, "%.43s", set + strlen("__Host-device="));
}

static inline int get(struct world *w, const char *path, const char *query)
{
	struct help *help = &w->help;
	fresh(w, HTTP_GET, path);
	help->request.query_text = query;
	help->request.query_verdict =
		params_parse(w->arena, query, strlen(query), &help->request.query);
	dispatch_request(&help->ctx);
	keep_device(w);
	return help->response.status;
}

static inline int post_to(struct world *w, const char *path, const char *query, const char *form)
{
	struct help *help = &w->help;
	fresh(w, HTTP_POST, path);
	help_header(help, "Origin", help->settings.issuer);
	help->request.query_text = query;
	help->request.query_verdict =
		params_parse(w->arena, query, strlen(query), &help->request.query);
	help->request.has_form = true;
	help->request.form_verdict =
		params_parse(w->arena, form, strlen(form), &help->request.form);
	dispatch_request(&help->ctx);
	keep_device(w);
	return help->response.status;
}

static inline int post(struct world *w, const char *path, const char *form)
{
	return post_to(w, path, "", form);
}

/* The link of a page with that query. */
static inline int cancel(struct world *w, const char *query)
{
	return get(w, "/signin", arena_printf(w->arena, "%s&cancel=1", query));
}

static const char *location(const struct world *w)
{
	return help_answer(&w->help, "Location", 0);
}

static inline bool shows(const struct world *w, const char *text)
{
	return strstr(w->help.response.body, text) != NULL;
}

/* The query of the address that the browser was sent to. */
static const char *begun(struct world *w, const char *query)
{
	assert_int_equal(get(w, "/authorize", query), 303);
	assert_true(str_starts(location(w), "/signin?t="));
	return location(w) + strlen("/signin?");
}

static inline void pass(struct world *w, int64_t seconds)
{
	w->help.ctx.now_s += seconds;
	w->help.ctx.now_ms += seconds * 1000;
}

#endif
