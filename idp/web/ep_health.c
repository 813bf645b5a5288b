/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/clock.h"
#include "idp/page/answer.h"
#include "idp/web/health.h"
#include "idp/web/web.h"

struct result ep_health_live(struct context *ctx)
{
	answer_text(ctx, 200, "{\"status\":\"live\"}");
	return OK;
}

/* Asks nobody: it is answered on the I/O thread, so that strangers cause no load. */
struct result ep_health_ready(struct context *ctx)
{
	const struct health *health = web_of(ctx)->health;
	const int64_t now_us = clock_monotonic_us();
	const bool database = health_is_well(health, HEALTH_DATABASE, now_us);
	const bool vault = health_is_well(health, HEALTH_VAULT, now_us);
	AUTO_JSON json_t *body = json_object();
	json_put(body, "status", database && vault ? "ready" : "unavailable");
	json_put(body, "database", database ? "ok" : "away");
	json_put(body, "vault", vault ? "ok" : "away");
	answer_json(ctx, database && vault ? 200 : 503, body);
	return OK;
}
