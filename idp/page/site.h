/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The constant description of one role that answers with HTML: its name, its address and its table
 * of routes. A role defines one and puts it into each request's context.
 */
#ifndef PRATU_PAGE_SITE_H
#define PRATU_PAGE_SITE_H

#include "idp/page/context.h"

/* Returns a failure to have it answered 503 in the route's manner (page or JSON); a refusal is
 * answered by the endpoint. */
typedef struct result endpoint(struct context *ctx);

enum manner {
	MANNER_PAGE, /* errors are pages for citizens */
	MANNER_JSON, /* errors are RFC 6749 JSON */
};

struct route {
	const char *path; /* compared byte for byte */
	enum http_lane lane; /* for POST; GET of a slow route is quick */
	enum manner manner;
	bool cors; /* Access-Control-Allow-Origin: * (discovery, jwks, token, userinfo) */
	bool cross_site; /* a page that other origins may POST to (authorize, logout) */
	endpoint *get, *post; /* NULL: 405 */
};

struct site {
	const char *name; /* begins the names of its log entries: "web" */
	/* The setting that holds its address: an absolute URI. */
	const char *(*address)(const struct settings *settings);
	const struct route *routes;
	size_t n_routes;
	/* Where to try again what failed at the request: a path of ours, in the arena; NULL (or no
	 * function): nowhere. A GET is tried again at its own address. */
	const char *(*again)(struct context *ctx);
	bool for_citizens; /* its pages lead to /help and /privacy, which it has */
};

/* Endpoints that every site has in its table, since the page layout links to them: GET /language,
 * GET /style.css and GET /favicon.ico, all in the inline lane, and GET /seal, quick. */
endpoint ep_language, ep_style, ep_icon, ep_seal;
/* POST of a page's own address, for pages with page.switch_here: remember the language that the
 * form names, and show the page again by 303 to the same address, marked with switched=1: what
 * answers there is the answer to a form. */
endpoint ep_language_here;

#endif
