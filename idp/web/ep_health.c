/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/base/tally.h"
#include "idp/page/answer.h"
#include "idp/web/keys.h"
#include <inttypes.h>
#include <string.h>

struct result ep_health_live(struct context *ctx)
{
	answer_text(ctx, 200, "{\"status\":\"live\"}");
	return OK;
}

/* Ready is: this worker reaches the database, and the vault's keys are known. */
struct result ep_health_ready(struct context *ctx)
{
	struct result db = db_ping(ctx->db);
	struct result vault = web_keys_refresh(ctx, false);
	bool ready = db.err == ERR_NONE && vault.err == ERR_NONE;
	AUTO_JSON json_t *body = json_object();
	json_put(body, "status", ready ? "ready" : "unavailable");
	json_put(body, "database", db.err == ERR_NONE ? "ok" : "away");
	json_put(body, "vault", vault.err == ERR_NONE ? "ok" : "away");
	answer_json(ctx, ready ? 200 : 503, body);
	return OK;
}

/* Figures tell how busy the service is, which concerns only the operator: only a peer on
 * this machine reads them, and not through a proxy, which would be such a peer for everybody. */
static bool peer_is_local(const struct http_request *request)
{
	bool loopback = str_eq(request->address, "::1") ||
			(request->address && str_starts(request->address, "127."));
	return loopback && !http_header(request, "X-Forwarded-For") &&
	       !http_header(request, "Forwarded") && !http_header(request, "Via");
}

static void put_lanes(struct buf *buf, const struct http_server *server)
{
	static const char *const names[HTTP_LANES] = {"inline", "quick", "slow"};
	buf_puts(buf, "# TYPE pratu_web_lane_requests gauge\n");
	for (int lane = 0; lane < HTTP_LANES; lane++) {
		struct http_lane_figures figures = http_figures(server, (enum http_lane)lane);
		buf_printf(buf, "pratu_web_lane_requests{lane=\"%s\",state=\"waiting\"} %lld\n",
			names[lane], (long long)figures.waiting);
		buf_printf(buf, "pratu_web_lane_requests{lane=\"%s\",state=\"running\"} %lld\n",
			names[lane], (long long)figures.running);
	}
	buf_puts(buf, "# TYPE pratu_web_lane_requests_total counter\n");
	for (int lane = 0; lane < HTTP_LANES; lane++) {
		struct http_lane_figures figures = http_figures(server, (enum http_lane)lane);
		buf_printf(buf,
			"pratu_web_lane_requests_total{lane=\"%s\",outcome=\"done\"} %lld\n",
			names[lane], (long long)figures.done);
		buf_printf(buf,
			"pratu_web_lane_requests_total{lane=\"%s\",outcome=\"refused\"} %lld\n",
			names[lane], (long long)figures.refused);
	}
}

/* The one encoder into a label's value: backslash, quote and line end are escaped. */
static void put_label(struct buf *buf, const char *name, const char *value)
{
	buf_printf(buf, "%s=\"", name);
	for (const char *at = value ? value : ""; *at; at++) {
		if (*at == '\\' || *at == '"')
			buf_puts(buf, "\\");
		buf_putn(buf, *at == '\n' ? " " : at, 1);
	}
	buf_puts(buf, "\"");
}

/* Refusals of unauthenticated clients, which have no rows of their own. */
static void put_refusals(struct context *ctx, struct buf *buf)
{
	const struct tally_counts counts = tally_look(web_of(ctx)->tally, ctx->arena);
	buf_puts(buf, "# TYPE pratu_web_refusals_total counter\n");
	for (size_t i = 0; i < counts.n; i++) {
		const struct tally_count *count = &counts.items[i];
		buf_puts(buf, "pratu_web_refusals_total{");
		put_label(buf, "kind", count->key.kind);
		put_label(buf, ",outcome", count->key.outcome);
		put_label(buf, ",reason", count->key.reason);
		put_label(buf, ",client", count->key.client_id);
		buf_printf(buf, "} %" PRId64 "\n", count->total);
	}
}

struct result ep_metrics(struct context *ctx)
{
	const char *unused;
	if (!peer_is_local(ctx->request)) {
		struct error error = error_make(ctx->arena, ERROR_ACCESS_DENIED,
			"expected a peer on this machine, without a proxy between");
		answer_error(ctx, &error);
		return OK;
	}
	struct buf buf = buf_new(ctx->arena);
	buf_puts(&buf, "# TYPE pratu_build_info gauge\n");
	buf_puts(&buf, "pratu_build_info{role=\"web\",version=\"" PRATU_VERSION "\"} 1\n");
	buf_puts(&buf, "# TYPE pratu_web_keys_known gauge\n");
	buf_printf(
		&buf, "pratu_web_keys_known %d\n", web_keys_document(ctx, &unused).err == ERR_NONE);
	if (ctx->server)
		put_lanes(&buf, ctx->server);
	if (web_of(ctx)->tally)
		put_refusals(ctx, &buf);
	http_body(ctx->response, 200, "text/plain; version=0.0.4", buf.text, buf.len);
	return OK;
}
