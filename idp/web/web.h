/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The web role's shape: what a handler gets, and the table of routes. A handler parses, loads with
 * one query, decides with oidc/ or otp/, commits with one statement, renders. It holds no password
 * hash, seed or private key.
 */
#ifndef PRATU_WEB_WEB_H
#define PRATU_WEB_WEB_H

#include "idp/base/clock.h"
#include "idp/base/json.h"
#include "idp/base/rng.h"
#include "idp/base/settings.h"
#include "idp/io/db.h"
#include "idp/io/http.h"
#include "idp/io/vault_call.h"

struct web_keys; /* the vault's public keys, refreshed in the background and on an unknown kid;
		    idp/web/keys.h */

/* All that a handler may use. One per request; db and vault belong to the worker. */
struct web {
	const struct settings *settings;
	struct clock clock;
	struct rng rng;
	struct db *db;
	struct vault_call *vault;
	struct web_keys *keys;
	struct arena *arena; /* the request's */
	const struct http_request *request;
	struct http_response *response;
	int64_t now_s; /* read once per request */
	const char *device; /* the device cookie, once session.c read or made it; starts NULL */
	const char *discovery; /* the metadata document, made at start; NULL: made anew */
	const struct http_server *server; /* for its figures; NULL in tests */
};

/* Returns a failure to have it answered 503 in the endpoint's manner (page or JSON); a refusal is
 * answered by the handler. */
typedef struct result web_handler(struct web *web);

enum web_manner {
	WEB_PAGE, /* errors are pages for citizens */
	WEB_JSON, /* errors are RFC 6749 JSON */
};

struct web_route {
	const char *path;
	enum http_lane lane; /* for POST; GET of a slow route is quick */
	enum web_manner manner;
	bool cors; /* Access-Control-Allow-Origin: * (discovery, jwks, token, userinfo) */
	bool cross_site; /* a page that other origins may POST to (authorize, logout) */
	web_handler *get, *post; /* NULL: 405 */
};

/* Each in idp/web/ep_<name>.c; the table is idp/web/routes.c. */
web_handler ep_connect, ep_discovery, ep_jwks, ep_authorize, ep_token, ep_userinfo, ep_revoke,
	ep_introspect, ep_logout, ep_logout_confirm;
web_handler ep_signin_get, ep_signin_post, ep_totp_post, ep_consent_post, ep_account_post,
	ep_cancel_post, ep_home, ep_session_end, ep_language, ep_style, ep_health_live,
	ep_health_ready, ep_metrics;

/* Answer web->request into web->response: find the route, refuse what its method, origin or path
 * does not allow, call the handler, and answer its failure with 503. No socket is needed. */
void web_dispatch(struct web *web);
/* The lane of a request, by method and path alone. */
enum http_lane web_lane(enum http_method method, const char *path);
/* Answer what no handler will see: a broken request or a full lane. web->db and web->vault are not
 * used, and web->request may be half filled. */
void web_refuse(struct web *web, int status, const char *reason);

#endif
