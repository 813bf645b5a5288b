/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/page/observe.h"
#include "idp/io/db_batch.h"
#include "idp/page/dispatch.h"
#include <stdlib.h>

static const int statuses[] = {200, 204, 303, 304, 400, 401, 403, 404, 405, 408, 411, 413, 414, 415,
	417, 429, 431, 500, 501, 503, 505, 0};
static const char *const status_names[] = {"200", "204", "303", "304", "400", "401", "403", "404",
	"405", "408", "411", "413", "414", "415", "417", "429", "431", "500", "501", "503", "505",
	"none", METER_OTHER};
#define STATUSES (sizeof statuses / sizeof *statuses)
_Static_assert(sizeof status_names / sizeof *status_names == STATUSES + 1, "a name for each");
_Static_assert(STATUSES + 1 <= METER_OUTCOMES, "as many as a meter has");

static const struct meter_kind requests_kind = {
	.counter = "pratu_http_requests_total",
	.counter_help = "Requests by route and status; none: the connection ended before.",
	.duration = "pratu_http_request_duration_seconds",
	.duration_help = "From the request line to the end of the answer.",
	.label = "route",
	.outcome_label = "status",
	.outcomes = status_names,
	.n_outcomes = STATUSES + 1,
};

struct observe *observe_new(const struct site *site, int64_t started_at_s)
{
	struct observe *observe = calloc(1, sizeof *observe);
	if (!observe)
		abort();
	*observe = (struct observe){
		.site = site,
		.started_at_s = started_at_s,
		.requests = meter_new(&requests_kind),
		.database = meter_new(&db_meter_kind),
		.batches = meter_new(&db_batch_meter_kind),
		.batch_jobs = meter_new(&db_batch_jobs_meter_kind),
		.vault = meter_new(&vault_call_meter_kind),
	};
	return observe;
}

void observe_free(struct observe *observe)
{
	if (!observe)
		return;
	meter_free(observe->requests);
	meter_free(observe->database);
	meter_free(observe->batches);
	meter_free(observe->batch_jobs);
	meter_free(observe->vault);
	free(observe);
}

static size_t index_of(int status)
{
	size_t i = 0;
	while (i < STATUSES && statuses[i] != status)
		i++;
	return i;
}

void observe_request(const struct observe *observe, const struct http_request *request, int status,
	int64_t took_us)
{
	const char *route = dispatch_route(observe->site, request->path);
	meter_add(observe->requests, route ? route : METER_OTHER, index_of(status), took_us);
}

static const char *const lanes[HTTP_LANES] = {"inline", "quick", "slow"};

/* Two samples of a lane: name{lane=,label=values[0]} and so on. */
struct lane_pair {
	const char *name, *label, *values[2];
};

static void put_pair(
	struct buf *out, const struct lane_pair *pair, int lane, const int64_t numbers[static 2])
{
	struct metrics_sample sample = {pair->name, {{"lane", lanes[lane]}, {pair->label, NULL}}};
	for (int i = 0; i < 2; i++) {
		sample.labels[1].value = pair->values[i];
		metrics_int(out, &sample, numbers[i]);
	}
}

static void put_lanes(struct buf *out, const struct http_server *server)
{
	static const struct lane_pair now = {
		"pratu_http_lane_requests", "state", {"waiting", "running"}};
	static const struct lane_pair total = {
		"pratu_http_lane_requests_total", "outcome", {"done", "refused"}};
	struct http_lane_figures figures[HTTP_LANES];
	for (int i = 0; i < HTTP_LANES; i++)
		figures[i] = http_figures(server, (enum http_lane)i);
	metrics_family(out, now.name, METRICS_GAUGE, "Requests of a lane, waiting and running.");
	for (int i = 0; i < HTTP_LANES; i++)
		put_pair(out, &now, i, (int64_t[]){figures[i].waiting, figures[i].running});
	metrics_family(out, total.name, METRICS_COUNTER,
		"Requests of a lane: done, or refused because too many waited.");
	for (int i = 0; i < HTTP_LANES; i++)
		put_pair(out, &total, i, (int64_t[]){figures[i].done, figures[i].refused});
}

void observe_write(const struct observe *observe, const struct http_server *server, struct buf *out)
{
	metrics_process(out, observe->site->name, observe->started_at_s);
	meter_write(observe->requests, out);
	meter_write(observe->database, out);
	meter_write(observe->batches, out);
	meter_write(observe->batch_jobs, out);
	meter_write(observe->vault, out);
	if (server)
		put_lanes(out, server);
}
