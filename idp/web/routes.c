/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/routes.h"
#include "idp/base/enc.h"
#include "idp/base/str.h"
#include "idp/web/steps.h"
#include <string.h>

#define ROUTE_OF_STEP(name, path, lane) \
	{path, lane, MANNER_PAGE, false, false, NULL, ep_signin_post},

/* clang-format off */
static const struct route routes[] = {
	/* path, lane, manner, cors, cross_site, get, post */
	{"/.well-known/openid-configuration", HTTP_LANE_INLINE, MANNER_JSON, true, false,
		ep_discovery, NULL},
	{"/.well-known/oauth-authorization-server", HTTP_LANE_INLINE, MANNER_JSON, true, false,
		ep_discovery, NULL},
	{"/jwks", HTTP_LANE_INLINE, MANNER_JSON, true, false, ep_jwks, NULL},
	{"/authorize", HTTP_LANE_QUICK, MANNER_PAGE, false, true, ep_authorize, ep_authorize},
	{"/logout", HTTP_LANE_QUICK, MANNER_PAGE, false, true, ep_logout, ep_logout},
	{"/logout/confirm", HTTP_LANE_QUICK, MANNER_PAGE, false, false, NULL, ep_logout_confirm},
	{"/token", HTTP_LANE_QUICK, MANNER_JSON, true, false, NULL, ep_token},
	{"/userinfo", HTTP_LANE_QUICK, MANNER_JSON, true, false, ep_userinfo, ep_userinfo},
	{"/revoke", HTTP_LANE_QUICK, MANNER_JSON, true, false, NULL, ep_revoke},
	{"/introspect", HTTP_LANE_QUICK, MANNER_JSON, false, false, NULL, ep_introspect},
	{"/", HTTP_LANE_QUICK, MANNER_PAGE, false, false, ep_home, NULL},
	{"/signin", HTTP_LANE_QUICK, MANNER_PAGE, false, false, ep_signin_get, ep_language_here},
	STEPS(ROUTE_OF_STEP)
	{"/session/end", HTTP_LANE_QUICK, MANNER_PAGE, false, false, NULL, ep_session_end},
	{"/agency/end", HTTP_LANE_QUICK, MANNER_PAGE, false, false, NULL, ep_agency_end},
	{"/connect", HTTP_LANE_QUICK, MANNER_PAGE, false, false, ep_connect, NULL},
	{"/language", HTTP_LANE_INLINE, MANNER_PAGE, false, false, ep_language, NULL},
	{"/style.css", HTTP_LANE_INLINE, MANNER_PAGE, false, false, ep_style, NULL},
	{"/wait.css", HTTP_LANE_INLINE, MANNER_PAGE, false, false, ep_wait, NULL},
	{"/robots.txt", HTTP_LANE_INLINE, MANNER_PAGE, false, false, ep_robots, NULL},
	{"/.well-known/security.txt", HTTP_LANE_INLINE, MANNER_PAGE, false, false, ep_security,
		NULL},
	{"/.well-known/change-password", HTTP_LANE_INLINE, MANNER_PAGE, false, false,
		ep_change_password, NULL},
	{"/favicon.ico", HTTP_LANE_INLINE, MANNER_PAGE, false, false, ep_icon, NULL},
	{"/seal", HTTP_LANE_QUICK, MANNER_PAGE, false, false, ep_seal, NULL},
	{"/help", HTTP_LANE_QUICK, MANNER_PAGE, false, false, ep_help, NULL},
	{"/privacy", HTTP_LANE_QUICK, MANNER_PAGE, false, false, ep_privacy, NULL},
	{"/health/live", HTTP_LANE_INLINE, MANNER_JSON, false, false, ep_health_live, NULL},
	{"/health/ready", HTTP_LANE_INLINE, MANNER_JSON, false, false, ep_health_ready, NULL},
};
/* clang-format on */

static const char *issuer(const struct settings *settings)
{
	return settings->issuer;
}

/* A form of a sign-in failed: its page once more, since the transaction that it sent still holds.
 */
static const char *again(struct context *ctx)
{
	const struct http_request *request = ctx->request;
	if (!request->path || !str_starts(request->path, "/signin"))
		return NULL;
	const char *t = request->form ? params_value(request->form, "t") : NULL;
	if (!t && request->query)
		t = params_value(request->query, "t");
	if (!t || strlen(t) > TRANSACTION_MAX)
		return NULL;
	return arena_printf(ctx->arena, "/signin?t=%s", enc_percent(ctx->arena, t));
}

const struct site web_site = {
	.name = "web",
	.address = issuer,
	.routes = routes,
	.n_routes = sizeof(routes) / sizeof(routes[0]),
	.again = again,
	.for_citizens = true,
};
